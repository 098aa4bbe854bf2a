// Bytes of an HTTP connection, as the parser, the guard and the routes take them: without a socket and a
// ledger, so thousands run in the time that `http` serves one.
#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "fuzz/http_client.h"
#include "fuzz/input.h"
#include "fuzz/targets.h"
#include "protocol/frame.h"
#include "server/http/answer.h"
#include "server/http/framing.h"
#include "server/http/guard.h"
#include "server/http/malformed.h"
#include "server/http/outcome_answer.h"
#include "server/http/parser.h"
#include "server/http/plain_answers.h"
#include "server/http/route.h"
#include "server/http/target.h"
#include "server/ledger/admit.h"

namespace stockfold {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr std::size_t kMostReads = 64;
constexpr std::string_view kOrigin = "https://shop.example";

const HttpGuard& guard() {
  static const HttpGuard guard{{.hosts = {"a"}, .origins = {std::string(kOrigin)}}};
  return guard;
}

/// The result of a connection's bytes.
struct Heard {
  std::vector<HttpRequest> requests;
  std::optional<HttpProblem> refused;  ///< Nothing after it is read.
};

/// Reads as HttpSession does, with the same parser and the same limits.
class Reader {
 public:
  /// Takes the bytes that were sent next. Returns false if nothing after them is read.
  bool take(std::string_view bytes) {
    received_ += bytes;
    while (goes_on_ && !received_.empty() && parse()) {
    }
    return goes_on_;
  }
  [[nodiscard]] Heard heard() && { return std::move(heard_); }

 private:
  /// Returns false if more bytes are needed.
  bool parse() {
    if (!parser_) begin();
    if (!parser_->got_some()) {
      received_.erase(0, empty_lines(received_));
      if (received_.empty() || received_ == "\r") return false;
    }
    beast::error_code error;
    const std::size_t parsed = parser_->put(asio::buffer(received_), error);
    if (error && error != http::error::need_more) return refuse(unparsed(error, received_));
    received_.erase(0, parsed);
    if (error == http::error::need_more) {
      if (received_.size() > kMaxHttpHeaderBytes) refuse(unparsed(http::error::header_limit, {}));
      return false;
    }
    if (parser_->is_header_done() && !std::exchange(head_checked_, true)) {
      const HttpRequest& head = parser_->get();
      if (auto problem = misframed(head)) return refuse(std::move(*problem));
      if (auto problem = guard().check(head, nullptr)) return refuse(std::move(*problem));
    }
    if (!parser_->is_done()) return true;
    heard_.requests.push_back(parser_->release());
    goes_on_ = heard_.requests.back().keep_alive();
    parser_.reset();
    return true;
  }
  void begin() {
    parser_.emplace();
    parser_->header_limit(kMaxHttpHeaderBytes);
    parser_->body_limit(kMaxHttpBodyBytes);
    head_checked_ = false;
  }
  bool refuse(HttpProblem problem) {
    heard_.refused = std::move(problem);
    goes_on_ = false;
    return false;
  }

  std::string received_;
  std::optional<HttpParser> parser_;
  bool head_checked_ = false;
  bool goes_on_ = true;
  Heard heard_;
};

Heard hear(std::string_view bytes, std::size_t piece) {
  Reader reader;
  while (!bytes.empty() && reader.take(bytes.substr(0, piece))) {
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  return std::move(reader).heard();
}

// ---- what was let in --------------------------------------------------------------------------------------

/// Checks an independent reading of docs/SECURITY.md: no other site's page can send a command.
void hold_guard(const HttpRequest& request) {
  const std::string_view origin = view(request[http::field::origin]);
  const std::string_view target = view(request.target());
  const bool is_absolute = !target.starts_with('/') && target.contains("://");
  const std::string_view behind = is_absolute ? target.substr(target.find("://") + 3) : target;
  const std::string_view host =
      is_absolute ? behind.substr(0, behind.find_first_of("/?")) : view(request[http::field::host]);
  const std::string_view site = view(request["Sec-Fetch-Site"]);
  const bool reads = request.method() == http::verb::get || request.method() == http::verb::head ||
                     request.method() == http::verb::options;
  const bool of_friend = beast::iequals({origin.data(), origin.size()}, {kOrigin.data(), kOrigin.size()});
  const auto slashes = origin.find("://");
  const std::string_view page = slashes == std::string_view::npos ? "" : origin.substr(slashes + 3);
  const bool of_us = origin.empty() || beast::iequals({page.data(), page.size()}, {host.data(), host.size()});
  const bool by_nobody = site.empty() || site == "none";
  require(reads || of_friend || site == "same-origin" || (of_us && by_nobody),
          "a stranger's page commands nothing");

  const std::string headers = guard().cors_headers(request);
  std::string_view lines = headers;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find("\r\n"));
    require(line == "Vary: Origin" || line.starts_with("Access-Control-"), "a header is not made up");
    require(line.find_first_of("\r\n") == std::string_view::npos, "a header is one line");
    lines.remove_prefix(line.size() + 2);
  }
}

/// Checks that Beast reads the answer back as it was sent.
void hold_sent(const HttpAnswer& answer, const HttpRequest& request) {
  const HttpFraming framing{.version = request.version(),
                            .keep_alive = request.keep_alive(),
                            .without_body = false,
                            .streams = false,
                            .headers = guard().cors_headers(request)};
  std::string sent;
  append(answer, framing, sent);
  http::response_parser<http::string_body> parser;
  beast::error_code error;
  std::string_view rest = sent;
  while (!rest.empty() && !error && !parser.is_done()) {
    rest.remove_prefix(parser.put(asio::buffer(rest), error));
  }
  require(!error && parser.is_done() && rest.empty(), "an answer is HTTP");
  require(parser.get().result() == answer.status && parser.get().body() == answer.body,
          "an answer is what was meant");
}

/// Checks that the protocol can express every request over HTTP.
Request hold_protocol(const Request& request) {
  std::string frame;
  encode_request({.id = 1, .request = request}, frame);
  auto again = decode_request(std::string_view(frame).substr(kFrameHeaderBytes));
  require(again.has_value(), "what HTTP asks for is a request");
  return std::move(again->request);
}

/// A page's `next` leads to the same list, with another beginning.
void hold_next(const std::string& next, std::string_view begin, const HttpRequest& request) {
  if (next.empty()) return;
  const auto asked = parse_target(view(request.target()));
  require(next.starts_with('?'), "the next page is a reference that holds below any path");
  const auto goes_on = parse_target("/" + next + "1");
  require(asked && goes_on, "the next page has a target");
  std::vector<HttpParameter> expected = asked->query;
  std::erase_if(expected, [&](const HttpParameter& parameter) {
    return parameter.name == begin || parameter.name == "life";  // which is given together with the beginning
  });
  expected.push_back({std::string(begin), "1"});
  require(goes_on->query == expected, "the next page is of the same list");
}

struct HoldAsk {
  const HttpRequest& request;

  void operator()(const HttpCommand& asked) const {
    const Command& command = asked.command;
    using http::verb;
    const verb method = request.method();
    require(method == verb::post || method == verb::put || method == verb::patch, "a GET commands nothing");
    require(command.identity.has_value() == (request.count("Idempotency-Key") > 0), "a key is an id");
    const bool expects = request.count(http::field::if_match) + request.count(http::field::if_none_match) > 0;
    require(expects || command.expected == ExpectedVersion::any(), "no version is expected by itself");
    Command admitted = command;
    if (const auto refused = admit(admitted)) {
      return require(refused->code == ErrorCode::invalid_argument && !refused->detail.empty(),
                     "a command is well-formed, or its mistake is named");
    }
    require(AskedCommand::of(admitted.body).kind == kind_of(command.body), "it stays what it was");
    Command sent = std::get<CommandRequest>(hold_protocol(CommandRequest{admitted})).command;
    require(!admit(sent) && sent == admitted, "a command is the same by the protocol");
    for (const HttpRequest& written : {as_json(admitted), as_form(admitted)}) {
      HttpAsk read = route(written).ask;
      auto* again = std::get_if<HttpCommand>(&read);
      require(again != nullptr && !admit(again->command) && again->command == admitted,
              "a command that is written is read back");
    }
  }
  void operator()(const HttpBatch& batch) const {
    require(request.method() == boost::beast::http::verb::post, "a batch is posted");
    require(!malformation_of_batch(batch.commands) && batch.unread.size() == batch.commands.size(),
            "a batch is bounded");
    CommandBatch sent{{}, batch.atomic};
    for (std::size_t i = 0; i < batch.commands.size(); ++i) {
      require(!batch.unread[i] || !batch.unread[i]->detail.empty(), "a mistake is named");
      Command command = batch.commands[i];
      if (!batch.unread[i] && !admit(command)) sent.commands.push_back(std::move(command));
    }
    if (sent.commands.empty()) return;
    auto read = std::get<CommandBatch>(hold_protocol(sent));
    for (std::size_t i = 0; i < read.commands.size(); ++i) {
      sent.commands[i].claims.clear();  // which are not sent
      require(!admit(read.commands[i]) && read.commands[i] == sent.commands[i],
              "a command of a batch is the same by the protocol");
    }
  }
  void operator()(const HttpQuestion& question) const {
    require(hold_protocol(question.request) == question.request, "a question is the same by the protocol");
    const bool events = std::holds_alternative<ReadEvents>(question.request);
    hold_next(question.next_page, events ? "from" : "cursor", request);
  }
  void operator()(const HttpExplain& explain) const {
    require(explain.what.limit >= 1 && explain.what.limit <= kMaxPageRows, "a page is bounded");
    hold_next(explain.next_page, "from", request);
  }
  void operator()(const HttpFollow& follow) const {
    const Request asked = follow.what.types.empty() ? Request(follow.what.events) : Request(follow.what);
    require(hold_protocol(asked) == asked, "following is the same by the protocol");
  }
  void operator()(HttpProbe /*probe*/) const {}
  void operator()(const HttpPage& page) const {
    require(page.file != nullptr, "a page is there");
    hold_sent(answer_to(page), request);
  }
  void operator()(const HttpMethods& methods) const {
    require(methods.allow.ends_with("OPTIONS"), "methods can be asked for");
    hold_sent(answer_to(methods), request);
  }
  void operator()(const HttpProblem& problem) const {
    const auto status = static_cast<unsigned>(problem.status);
    require(status >= 400 && status < 500 && !problem.type.empty() && !problem.detail.empty(),
            "a mistake is the client's, and named");
    const HttpAnswer answer = answer_to(problem);
    beast::error_code error;
    boost::json::parse(answer.body, error);
    require(!error && answer.status == problem.status, "a mistake is told as JSON");
    hold_sent(answer, request);
  }
};

void hold(const HttpRequest& request) {
  hold_guard(request);
  const HttpAsk ask = route(request).ask;
  std::visit(HoldAsk{request}, ask);
  if (request.method() == http::verb::head) {
    HttpRequest get = request;
    get.method(http::verb::get);
    require(route(get).ask == ask, "HEAD asks for what GET does");
  }
}

/// Adds the length of the body, if the head is complete.
std::string with_length(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::string(bytes);
  std::string whole(bytes.substr(0, end));
  whole += "\r\nContent-Length: " + std::to_string(bytes.size() - end - 4);
  return whole.append(bytes.substr(end));
}

}  // namespace

int fuzz_request(const std::uint8_t* data, std::size_t size) {
  FuzzInput input(data, size);
  const std::uint8_t how = input.byte();
  std::string bytes = (how & 128U) != 0 ? with_length(input.rest()) : std::string(input.rest());
  bytes += "\r\n\r\n";  // for a head that does not end, Beast reports an error sooner or later
  const std::size_t piece = std::max<std::size_t>(1 + (how & 127U), bytes.size() / kMostReads);
  const Heard whole = hear(bytes, bytes.size() + 1);
  const Heard pieces = hear(bytes, piece);
  require(same_requests(pieces.requests, whole.requests), "pieces are read as the whole is");
  require(pieces.refused.has_value() == whole.refused.has_value(), "pieces are refused as the whole is");
  if (whole.refused) {
    const auto status = static_cast<unsigned>(whole.refused->status);
    const bool asks_for_more = status == 501 || status == 505;  // a coding or version that is not supported
    require((status >= 400 && status < 500) || asks_for_more, "what is no request is the client's mistake");
  }
  for (const HttpRequest& request : whole.requests) hold(request);
  return 0;
}

}  // namespace stockfold
