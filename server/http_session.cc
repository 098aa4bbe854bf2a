#include "server/http_session.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "server/awaiting.h"

namespace stockfold {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

namespace {

constexpr std::uint32_t kHeaderBytes = 8'192;
constexpr std::uint64_t kBodyBytes = 65'536;

HttpResponse respond(http::status status, const HttpRequest& request, std::string_view type,
                     std::string body) {
  HttpResponse response(status, request.version());
  response.set(http::field::content_type, type);
  response.set(http::field::cache_control, "no-store");
  response.keep_alive(request.keep_alive());
  response.body() = std::move(body);
  response.prepare_payload();
  if (request.method() == http::verb::head) response.body().clear();  // after its length was told
  return response;
}

HttpResponse problem(http::status status, const HttpRequest& request, std::string_view type,
                     std::string_view title) {
  return respond(status, request, "application/problem+json",
                 R"({"type":")" + std::string(type) + R"(","title":")" + std::string(title) +
                     R"(","status":)" + std::to_string(static_cast<unsigned>(status)) + "}\n");
}

HttpResponse ready(const HttpRequest& request, const HttpContext& context) {
  const std::uint64_t applied = context.applied.position().value();
  const std::uint64_t head = context.head.position().value();
  const std::uint64_t lag = head > applied ? head - applied : 0;
  if (lag > context.max_view_lag) {
    return problem(http::status::service_unavailable, request, "overloaded",
                   "the views are " + std::to_string(lag) + " events behind the log");
  }
  return respond(http::status::ok, request, "application/json",
                 R"({"status":"ready","position":)" + std::to_string(head) + R"(,"view_lag":)" +
                     std::to_string(lag) + "}\n");
}

}  // namespace

HttpResponse answer_probe(const HttpRequest& request, const HttpContext& context) {
  std::string_view path(request.target().data(), request.target().size());
  path = path.substr(0, path.find('?'));
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const bool live = path == "/health/live";
  if (!live && path != "/health/ready") {
    return problem(http::status::not_found, request, "not_found", "there is nothing at this path");
  }
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    HttpResponse refused =
        problem(http::status::method_not_allowed, request, "method_not_allowed", "GET or HEAD only");
    refused.set(http::field::allow, "GET, HEAD");
    return refused;
  }
  return live ? respond(http::status::ok, request, "application/json",
                        R"({"status":"live"})"
                        "\n")
              : ready(request, context);
}

HttpSession::HttpSession(asio::ip::tcp::socket socket, const HttpContext& context)
    : stream_(std::move(socket)), context_(context) {}

asio::awaitable<void> HttpSession::run() {
  for (;;) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(kHeaderBytes);
    parser.body_limit(kBodyBytes);
    stream_.expires_after(context_.timeout);
    const auto [read_error, read] = co_await http::async_read(stream_, received_, parser, kAsTuple);
    if (read_error) break;
    const HttpResponse response = answer_probe(parser.get(), context_);
    stream_.expires_after(context_.timeout);
    const auto [write_error, written] = co_await http::async_write(stream_, response, kAsTuple);
    if (write_error || !response.keep_alive()) break;
  }
  close();
}

void HttpSession::close() {
  boost::system::error_code ignored;  // closing is best effort
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  stream_.close();
}

}  // namespace stockfold
