#include "server/http/session.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <chrono>
#include <utility>

#include "net/turn.h"
#include "server/http/event_source.h"
#include "server/http/malformed.h"
#include "server/ledger/admit.h"
#include "server/logging/logs.h"

namespace stockfold {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::awaitable;

namespace {

/// How many pipelined requests one turn handles.
constexpr std::size_t kRequestsAhead = 8;
/// How long a rejected client may continue to send before its connection is closed.
constexpr std::chrono::milliseconds kDrain{2'000};
constexpr std::chrono::milliseconds kNothing{0};

}  // namespace

HttpSession::HttpSession(asio::ip::tcp::socket socket, std::shared_ptr<const TlsContext> tls,
                         const HttpContext& context)
    : tls_context_(std::move(tls)),
      context_(context),
      connection_(std::move(socket), tls_context_ ? tls_context_->accept() : nullptr, ConnectionPhase::idle,
                  {.first = context.timeout,
                   .request = context.timeout,
                   .idle = context.idle,
                   .write = context.timeout},
                  {.memory = context.memory, .counts = context.metrics.http, .now = context.now}) {}

// ---- the life of a connection -----------------------------------------------------------------------------

awaitable<void> HttpSession::run() {
  connection_.belongs_to(weak_from_this());
  std::size_t ahead = 0;  // requests of this turn that were followed by others
  while (goes_on_) {
    const bool whole = co_await receive_request();
    if (!whole) break;
    co_await handle(route(parser_->get()));
    if (connection_.received().bytes().empty()) {
      ahead = 0;
      continue;
    }
    if (++ahead < kRequestsAhead && connection_.out().size() < kFlushBytes) continue;
    flush();
    co_await connection_.sent();
    co_await context_.turns.next();
    ahead = 0;
  }
  if (const std::string_view fault = connection_.tls_fault(); !fault.empty()) {
    context_.entrance.tls_complaints.add(connection_.address(), std::string(fault));
  }
  co_await end();
  close();
}

/// Sends the remaining output. Then the client may continue to send for a while, unless all of its requests
/// were answered and the ledger shuts down.
awaitable<void> HttpSession::end() {
  co_await connection_.send_end();
  parser_.reset();
  if (goes_on_ && connection_.is_past_last_call()) co_return;
  co_await connection_.drain_input(std::min(kDrain, context_.timeout));
}

awaitable<bool> HttpSession::receive_request() {
  parser_.emplace();
  parser_->header_limit(kMaxHttpHeaderBytes);
  parser_->body_limit(kMaxHttpBodyBytes);
  head_checked_ = false;
  for (;;) {
    const auto whole = parse();
    if (!whole) {
      const bool is_unauthorized = whole.error().status == http::status::unauthorized;
      connection_.count(is_unauthorized ? CloseReason::no_token : CloseReason::malformed);
      co_await slow_down();
      refuse(whole.error());
    }
    if (!whole || connection_.closed()) co_return false;
    if (connection_.finishing()) {
      // A request that the system still holds gets an answer, too: the last one says that nothing follows it.
      const bool is_asked = parser_->got_some() || connection_.has_input();
      if (is_asked) {
        refuse(
            {http::status::service_unavailable, name_of(ErrorCode::overloaded), shutting_down().detail, {}});
      }
      co_return false;
    }
    if (*whole) {
      late_ = false;
      connection_.enter(ConnectionPhase::answer);
      if (logs_access()) whole_ = context_.now();
      co_await slow_down();
      co_return true;
    }
    const bool more = co_await receive();
    if (!more && !connection_.finishing()) break;
  }
  if (late_) {
    refuse({http::status::request_timeout, "request_timeout", "the request did not arrive in time", {}});
  }
  co_return false;
}

std::expected<bool, HttpProblem> HttpSession::parse() {
  ReceiveBuffer& received = connection_.received();
  if (!parser_->got_some()) {
    received.consume(empty_lines(received.bytes()));
    if (received.bytes() == "\r") return false;
  }
  while (!parser_->is_done() && !received.bytes().empty()) {
    beast::error_code error;
    const std::string_view bytes = received.bytes();
    const std::size_t parsed = parser_->put(asio::buffer(bytes), error);
    if (error && error != http::error::need_more) return std::unexpected(unparsed(error, bytes));
    received.consume(parsed);
    if (error == http::error::need_more) {
      // The rest is an unfinished head, or the framing of a chunked body.
      const bool endless = received.bytes().size() > kMaxHttpHeaderBytes;
      if (endless) return std::unexpected(unparsed(http::error::header_limit, {}));
      break;
    }
    if (!parser_->is_header_done() || head_checked_) continue;
    head_checked_ = true;
    if (auto problem = check_head()) return std::unexpected(std::move(*problem));
    const auto& request = parser_->get();
    const bool asks = request.count(http::field::expect) > 0 && request.version() >= 11;
    if (asks && !parser_->is_done()) connection_.out() += "HTTP/1.1 100 Continue\r\n\r\n";
  }
  return parser_->is_done();
}

std::optional<HttpProblem> HttpSession::check_head() {
  const HttpRequest& request = parser_->get();
  if (auto problem = misframed(request)) return problem;
  if (auto problem = context_.guard.check(request, tls_context_.get())) return problem;
  identify();
  // Without a valid token, do not read the body and do not reveal what the request would have done.
  if (!caller_ && (!parser_->is_done() || changes_something(request))) return no_token(parser_->get());
  return std::nullopt;
}

void HttpSession::identify() {
  Access& access = context_.entrance.access;
  caller_.reset();
  no_entry_.reset();
  access_revision_ = access.revision();
  const std::string_view token = token_of(parser_->get());
  if (access.needs_token() && token.empty()) return;
  auto caller = access.identify(token);
  if (caller) {
    caller_ = std::move(*caller);
  } else {
    no_entry_ = std::move(caller.error());
  }
}

awaitable<void> HttpSession::slow_down() {
  if (!no_entry_) co_return;
  ++context_.metrics.failed_log_ins;
  connection_.enter(ConnectionPhase::answer);
  co_await connection_.pause(
      context_.entrance.reject(connection_.address(), *std::exchange(no_entry_, {}), context_.now()));
}

awaitable<bool> HttpSession::receive() {
  account_for_body();
  const bool has_begun = parser_->got_some() || connection_.has_begun();
  return connection_.receive(has_begun ? ConnectionPhase::request : ConnectionPhase::idle);
}

// ---- answers ----------------------------------------------------------------------------------------------

HttpFraming HttpSession::framing() const {
  const HttpRequest& request = parser_->get();
  return {.version = request.version(),
          .keep_alive = goes_on_ && !connection_.finishing() && parser_->is_done() && request.keep_alive(),
          .without_body = request.method() == http::verb::head,
          .streams = false,
          .idle = std::chrono::floor<std::chrono::seconds>(context_.idle),
          .headers = "Date: " + context_.date.text() + "\r\n" + context_.guard.cors_headers(request)};
}

void HttpSession::send(const HttpAnswer& answer) {
  const bool is_seen = answer.problem.empty() || !head_checked_ || !is_event_source(parser_->get());
  send(is_seen ? answer : as_event(answer), framing());
}

void HttpSession::send(const HttpAnswer& answer, const HttpFraming& framing) {
  if (connection_.closed()) return;
  goes_on_ = framing.keep_alive;
  const HttpRequest& request = parser_->get();
  const std::size_t before = connection_.out().size();
  append(answer, framing, connection_.out());
  context_.metrics.count_answer(static_cast<unsigned>(answer.status));
  if (logs_access()) log(request, answer, connection_.out().size() - before);
}

void HttpSession::log(const HttpRequest& request, const HttpAnswer& answer, std::size_t bytes) const {
  const std::string client = connection_.address();
  log_access({.client = client,
              .method = view(request.method_string()),
              .target = view(request.target()),
              .status = static_cast<unsigned>(answer.status),
              .bytes = bytes,
              .taken = context_.now() - whole_});
}

void HttpSession::send_piece(std::string_view piece) {
  if (connection_.closed()) return;
  append_piece(piece, framing(), connection_.out());
  last_piece_ = context_.now();
  flush();
}

/// Answers a request after which nothing on the connection can be parsed.
void HttpSession::refuse(const HttpProblem& problem) {
  goes_on_ = false;
  if (!speaks_http2(connection_.received().bytes())) return send(answer_to(problem));
  connection_.out() += http2_refusal();
  context_.metrics.count_answer(static_cast<unsigned>(problem.status));
}

void HttpSession::flush() {
  account_for_body();
  connection_.flush();
}

void HttpSession::account_for_body() {
  connection_.also_holds(parser_ ? parser_->get().body().capacity() : 0);
}

// ---- ending -----------------------------------------------------------------------------------------------

void HttpSession::finish(SteadyTime last_call) {
  const bool streams = connection_.phase() == ConnectionPhase::stream;
  connection_.finish(last_call, false, streams ? kDrain : kNothing);
}

void HttpSession::enforce_deadline(SteadyTime now) {
  Access& access = context_.entrance.access;
  if (caller_ && access.has_revoked(*caller_, access_revision_)) {
    return connection_.close(CloseReason::no_token);
  }
  const bool owes_rest = connection_.phase() == ConnectionPhase::request && !connection_.is_not_reading(now);
  if (!owes_rest || late_ || !connection_.is_late(now)) return connection_.enforce_deadline(now);
  late_ = true;
  connection_.extend_deadline(std::min(kDrain, context_.timeout));
  connection_.stop_receiving();
}

}  // namespace stockfold
