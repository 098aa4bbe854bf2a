#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <string>
#include <string_view>

#include "server/http_session.h"
#include "server/running_server.h"

namespace stockfold {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Response = http::response<http::string_body>;

class Http : public testing::Test {
 protected:
  Http() : socket_(io_) { socket_.connect((*server_).http_endpoint()); }

  Response request(http::verb verb, std::string_view target) {
    http::request<http::string_body> request(verb, {target.data(), target.size()}, 11);
    request.set(http::field::host, "localhost");
    http::write(socket_, request);
    http::response_parser<http::string_body> parser;
    if (verb == http::verb::head) parser.skip(true);
    http::read(socket_, received_, parser);
    return parser.release();
  }

  RunningServer server_;
  asio::io_context io_;
  asio::ip::tcp::socket socket_;
  boost::beast::flat_buffer received_;
};

TEST_F(Http, ProbesSayThatTheLedgerIsAliveAndReady) {
  EXPECT_EQ(request(http::verb::get, "/health/live").body(), "{\"status\":\"live\"}\n");
  const Response ready = request(http::verb::get, "/health/ready/?from=kubernetes");
  EXPECT_EQ(ready.result(), http::status::ok);
  EXPECT_EQ(ready[http::field::content_type], "application/json");
  EXPECT_EQ(ready.body(), "{\"status\":\"ready\",\"position\":0,\"view_lag\":0}\n");
}

TEST_F(Http, AHeadTellsTheLengthWithoutTheBody) {
  const Response response = request(http::verb::head, "/health/live");
  EXPECT_EQ(response.result(), http::status::ok);
  EXPECT_EQ(response[http::field::content_length], "18");
  EXPECT_EQ(request(http::verb::get, "/health/live").result(), http::status::ok) << "the connection goes on";
}

TEST_F(Http, WhatIsNotThereIsAProblem) {
  const Response missing = request(http::verb::get, "/nothing");
  EXPECT_EQ(missing.result(), http::status::not_found);
  EXPECT_EQ(missing[http::field::content_type], "application/problem+json");
  const Response refused = request(http::verb::post, "/health/live");
  EXPECT_EQ(refused.result(), http::status::method_not_allowed);
  EXPECT_EQ(refused[http::field::allow], "GET, HEAD");
}

TEST_F(Http, NonsenseEndsTheConnection) {
  asio::write(socket_, asio::buffer(std::string("\x16\x03\x01 what is this?\r\n\r\n")));
  char byte = 0;
  boost::system::error_code error;
  socket_.read_some(asio::buffer(&byte, 1), error);
  EXPECT_TRUE(error);
}

TEST(HttpLimits, ProbesAreAnsweredWhereClientsCrowd) {
  RunningServer server({.max_connections = 1});
  const auto client = server.connect();
  EXPECT_FALSE(server.connect_silently()->receive().has_value()) << "one client is all that is allowed";
  asio::io_context io;
  asio::ip::tcp::socket socket(io);
  socket.connect((*server).http_endpoint());
  http::write(socket, http::request<http::empty_body>(http::verb::get, "/health/live", 11));
  boost::beast::flat_buffer received;
  Response response;
  http::read(socket, received, response);
  EXPECT_EQ(response.result(), http::status::ok);
}

TEST(HttpReadiness, EndsWhereTheViewsTrailTooFar) {
  asio::io_context io;
  PositionGate head(io.get_executor(), GlobalPosition(100));
  PositionGate applied(io.get_executor(), GlobalPosition(10));
  const HttpContext context{.head = head, .applied = applied, .max_view_lag = 50};
  const http::request<http::string_body> request(http::verb::get, "/health/ready", 11);
  EXPECT_EQ(answer_probe(request, context).result(), http::status::service_unavailable);
  applied.reach(GlobalPosition(60));
  EXPECT_EQ(answer_probe(request, context).result(), http::status::ok);
}

}  // namespace
}  // namespace stockfold
