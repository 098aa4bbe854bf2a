#include "server/http/session.h"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <cassert>
#include <chrono>
#include <utility>
#include <variant>

#include "core/overloaded.h"
#include "net/address.h"
#include "net/awaiting.h"
#include "net/drain.h"
#include "net/turn.h"
#include "server/http/event_source.h"
#include "server/http/malformed.h"
#include "server/http/query.h"
#include "server/ledger/admit.h"
#include "server/logging/logs.h"
#include "server/metrics/metrics_text.h"
#include "server/queries/explain.h"

namespace stockfold {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::awaitable;

namespace {

/// Pipelined requests that are handled in one turn.
constexpr std::size_t kRequestsAhead = 8;
/// How long a client that was refused may go on sending before the connection is closed under it.
constexpr std::chrono::milliseconds kDrain{2'000};
constexpr std::chrono::milliseconds kNothing{0};

HttpProblem no_token(const HttpRequest& request) {
  if (!token_of(request).empty()) {
    return {http::status::unauthorized,
            name_of(Rule::unauthorised),
            "this is no token of this ledger, or no longer",
            {}};
  }
  return {http::status::unauthorized,
          name_of(Rule::unauthorised),
          "this ledger asks for a token: Authorization: Bearer TOKEN",
          {}};
}

}  // namespace

HttpSession::HttpSession(asio::ip::tcp::socket socket, std::shared_ptr<const TlsContext> tls,
                         const HttpContext& context)
    : socket_(std::move(socket)),
      tls_context_(std::move(tls)),
      tls_(tls_context_ ? tls_context_->accept() : nullptr),
      context_(context),
      out_(socket_, tls_.get(), context.timeout, context.metrics.http.sent_bytes),
      changed_(socket_.get_executor(), Clock::time_point::max()),
      memory_(context.memory),
      deadline_(Clock::now() + context.timeout) {}

// ---- the life of a connection -----------------------------------------------------------------------------

awaitable<void> HttpSession::run() {
  std::size_t ahead = 0;  // requests of this turn behind which more were sent already
  while (goes_on_) {
    const bool whole = co_await receive_request();
    if (!whole) break;
    co_await handle(route(parser_->get()));
    if (received_.bytes().empty()) {
      ahead = 0;
      continue;
    }
    if (++ahead < kRequestsAhead && out_.text().size() < kFlushBytes) continue;
    flush();
    co_await out_.taken();
    co_await context_.turns.next();
    ahead = 0;
  }
  co_await end();
  close();
}

/// Sends what is left. A client that was told of the end, or may not have read its answers, is heard out for
/// a while: otherwise the system would drop them.
awaitable<void> HttpSession::end() {
  co_await out_.end(shared_from_this());
  draining_ = true;
  deadline_ = finishing_ ? last_call_ : Clock::now() + std::min(kDrain, context_.timeout);
  const bool is_idle = goes_on_ && deadline_ <= Clock::now();
  if (!closed_ && !is_idle) co_await drain(socket_, context_.metrics.http.received_bytes);
}

awaitable<bool> HttpSession::receive_request() {
  parser_.emplace();
  parser_->header_limit(kMaxHttpHeaderBytes);
  parser_->body_limit(kMaxHttpBodyBytes);
  head_checked_ = false;
  for (;;) {
    const auto whole = parse();
    if (!whole) {
      const bool is_nobody = whole.error().status == http::status::unauthorized;
      context_.metrics.http.count(is_nobody ? LetGo::no_token : LetGo::malformed);
      co_await slow_down();
      refuse(whole.error());
    }
    if (!whole || closed_) co_return false;
    if (finishing_) {
      const bool is_asked = parser_->got_some() || !received_.bytes().empty();
      if (is_asked) {
        refuse({http::status::service_unavailable, name_of(Rule::overloaded), shutting_down().detail, {}});
      }
      co_return false;
    }
    if (*whole) {
      begun_ = late_ = false;
      deadline_ = kOurTurn;
      if (logs_access()) whole_ = Clock::now();
      co_await slow_down();
      co_return true;
    }
    const bool more = co_await receive();
    if (!more && !finishing_) break;
  }
  if (late_) {
    refuse({http::status::request_timeout, "request_timeout", "the request did not come in time", {}});
  }
  co_return false;
}

std::expected<bool, HttpProblem> HttpSession::parse() {
  if (!parser_->got_some()) {
    received_.consume(empty_lines(received_.bytes()));
    if (received_.bytes() == "\r") return false;
  }
  while (!parser_->is_done() && !received_.bytes().empty()) {
    beast::error_code error;
    const std::string_view bytes = received_.bytes();
    const std::size_t parsed = parser_->put(asio::buffer(bytes), error);
    if (error && error != http::error::need_more) return std::unexpected(unparsed(error, bytes));
    received_.consume(parsed);
    if (error == http::error::need_more) {
      // What is left is a head, or what stands around the pieces of a body.
      const bool endless = received_.bytes().size() > kMaxHttpHeaderBytes;
      if (endless) return std::unexpected(unparsed(http::error::header_limit, {}));
      break;
    }
    if (!parser_->is_header_done() || head_checked_) continue;
    head_checked_ = true;
    if (auto problem = check_head()) return std::unexpected(std::move(*problem));
    const auto& request = parser_->get();
    const bool asks = request.count(http::field::expect) > 0 && request.version() >= 11;
    if (asks && !parser_->is_done()) out_.text() += "HTTP/1.1 100 Continue\r\n\r\n";
  }
  return parser_->is_done();
}

std::optional<HttpProblem> HttpSession::check_head() {
  const HttpRequest& request = parser_->get();
  if (auto problem = misframed(request)) return problem;
  if (auto problem = context_.guard.check(request, tls_context_.get())) return problem;
  identify();
  // Of nobody, no body is read, and nothing is told of what they would do.
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
  deadline_ = kOurTurn;
  changed_.expires_after(context_.entrance.turn_away(address_of(socket_), *std::exchange(no_entry_, {})));
  if (!finishing_ && !closed_) {
    co_await changed_.async_wait(kAsTuple);
  }
  changed_.expires_at(Clock::time_point::max());
}

awaitable<bool> HttpSession::receive() {
  flush();
  if (out_.pending()) {
    co_await out_.taken();  // who does not take answers is given no further ones
  }
  if (finishing_) co_return false;
  account();
  const bool has_begun =
      parser_->got_some() || !received_.bytes().empty() || (tls_ != nullptr && tls_->unfinished());
  if (has_begun && !begun_) {
    deadline_ = Clock::now() + context_.timeout;
  } else if (deadline_ == kOurTurn) {
    deadline_ = Clock::now() + context_.idle;
  }
  begun_ = has_begun;
  const auto room = received_.room();
  const auto [error, count] =
      co_await socket_.async_read_some(asio::buffer(room.data(), at_once(tls_.get(), room.size())),
                                       asio::bind_cancellation_slot(stop_reading_.slot(), kAsTuple));
  if (error) co_return false;
  context_.metrics.http.received_bytes += count;
  if (tls_ == nullptr) {
    received_.fill(count);
  } else if (!tls_->open(received_, room, count)) {
    if (!tls_->what().empty()) {
      context_.metrics.http.count(LetGo::tls);
      context_.entrance.tls_complaints.add(address_of(socket_), tls_->what());
    }
    co_return false;
  }
  account();
  co_return true;
}

// ---- requests ---------------------------------------------------------------------------------------------

std::optional<HttpProblem> HttpSession::authorize(const HttpAsk& ask) const {
  const auto scope = scope_of(ask);
  if (!scope) return std::nullopt;
  if (!caller_) return no_token(parser_->get());
  if (caller_->scopes.holds(*scope)) return std::nullopt;
  return HttpProblem{http::status::forbidden, name_of(Rule::forbidden), lacks(*caller_, *scope), {}};
}

std::string HttpSession::life() const {
  const HeadReply head = context_.queries.head();
  return life_of(head.ledger, head.epoch);
}

std::optional<HttpProblem> HttpSession::check_life(const HttpAsk& ask) const {
  const std::string named = life_in(ask);
  if (named.empty() || named == life()) return std::nullopt;
  return another_life(named, life());
}

awaitable<void> HttpSession::handle(HttpAsk ask) {
  if (was_told_why(parser_->get())) {
    co_return send({.status = http::status::no_content, .type = {}, .headers = {}, .body = {}});
  }
  if (const auto problem = authorize(ask)) co_return send(answer_to(*problem));
  if (const auto problem = check_life(ask)) co_return send(answer_to(*problem));
  co_await std::visit(Overloaded{
                          [this](HttpCommand& asked) { return execute(std::move(asked.command)); },
                          [this](HttpQuestion& asked) { return answer(std::move(asked)); },
                          [this](HttpExplain& asked) { return answer(std::move(asked)); },
                          [this](HttpFollow& asked) { return follow(std::move(asked)); },
                          [this](HttpProbe probe) { return answer(answer_to_probe(probe)); },
                          [this](const HttpPage& page) { return answer(answer_to(page)); },
                          [this](const HttpMethods& methods) { return answer(answer_to(methods)); },
                          [this](const HttpProblem& problem) { return answer(answer_to(problem)); },
                      },
                      ask);
}

awaitable<void> HttpSession::answer(HttpAnswer ready) {
  send(ready);
  co_return;
}

awaitable<void> HttpSession::answer(HttpQuestion question) {
  if (const auto kind = query_kind_of(question.request)) context_.metrics.count(*kind);
  auto reply = context_.queries.at_once(question.request);
  if (!reply) {
    reply = co_await reply_to(question);
  }
  if (const auto* error = std::get_if<ErrorReply>(&*reply)) context_.metrics.count(*error);
  send(answer_to(question, *reply, life()));
}

awaitable<void> HttpSession::answer(HttpExplain asked) {
  context_.metrics.count(QueryKind::read_events);
  auto explained = co_await explain(context_.queries, asked.what);
  if (!explained) {
    context_.metrics.count(explained.error());
    co_return send(answer_to(explained.error()));
  }
  send(answer_to(asked, std::move(*explained), life()));
}

awaitable<Reply> HttpSession::reply_to(HttpQuestion& question) {
  if (question.wait_for > GlobalPosition(0)) {
    auto late = co_await context_.queries.wait_for(question.wait_for);
    if (late) co_return std::move(*late);
  }
  auto* read = std::get_if<ReadEvents>(&question.request);
  if (read != nullptr && question.until) {
    Reply last = co_await context_.queries.answer(FindPosition{*question.until});
    const auto* found = std::get_if<PositionReply>(&last);
    if (found == nullptr) co_return last;
    read->to = std::min(read->to.value_or(found->position), found->position);
  }
  co_return co_await context_.queries.answer(question.request);
}

/// Hands the command to the writer, and waits until it is answered.
awaitable<void> HttpSession::execute(Command command) {
  auto refused = authorise(command, *caller_);
  if (!refused) refused = admit(command);
  // Under a key it may have been done before, which the ledger looks at first.
  if (!refused && !command.identity) refused = context_.reserve.refusal();
  asked_ = AskedCommand::of(command.body);
  asked_.below_slash = ends_in_slash(view(parser_->get().target()));
  asked_.life = life();
  if (!refused && !context_.writer.submit(std::move(command), *this, Writer::Turn::first)) {
    refused = too_busy();
  }
  if (refused) {
    context_.metrics.commands.count(asked_.kind, refused->rule);
    send(answer_to(asked_, Answer{std::move(*refused)}, asked_.lines));
    co_return;
  }
  in_flight_ = true;
  while (in_flight_) {
    co_await changed_.async_wait(kAsTuple);
  }
}

void HttpSession::answered(std::span<const Answer> answers) {
  assert(in_flight_ && answers.size() == 1);
  const Answer& answer = answers.front();
  in_flight_ = false;
  changed_.cancel();
  const auto* accepted = std::get_if<Accepted>(&answer.outcome);
  if (accepted == nullptr && !sees_states(*caller_)) {
    return send(answer_to(asked_, without_state(answer), asked_.lines));
  }
  const bool is_order = accepted != nullptr && accepted->subject.kind == AggregateKind::order;
  if (!is_order || !asked_.lines.empty()) return send(answer_to(asked_, answer, asked_.lines));
  const auto* order = context_.ledger.peek(*OrderId::parse(accepted->subject.id));
  assert(order != nullptr && order->has_value());  // what a command has named is in memory when it is done
  send(answer_to(asked_, answer, (*order)->lines));
}

HttpAnswer HttpSession::answer_to_probe(HttpProbe probe) const {
  if (probe == HttpProbe::live) return live();
  if (probe == HttpProbe::ready) return answer_to(context_.readiness());
  return {.type = kMetricsType, .headers = {}, .body = context_.metrics_text()};
}

// ---- answers ----------------------------------------------------------------------------------------------

HttpFraming HttpSession::framing() const {
  const HttpRequest& request = parser_->get();
  return {.version = request.version(),
          .keep_alive = goes_on_ && !finishing_ && parser_->is_done() && request.keep_alive(),
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
  if (closed_) return;
  goes_on_ = framing.keep_alive;
  const HttpRequest& request = parser_->get();
  const std::size_t before = out_.text().size();
  append(answer, framing, out_.text());
  context_.metrics.count_answer(static_cast<unsigned>(answer.status));
  if (logs_access()) log(request, answer, out_.text().size() - before);
}

void HttpSession::log(const HttpRequest& request, const HttpAnswer& answer, std::size_t bytes) const {
  const std::string client = address_of(socket_);
  log_access({.client = client,
              .method = view(request.method_string()),
              .target = view(request.target()),
              .status = static_cast<unsigned>(answer.status),
              .bytes = bytes,
              .taken = Clock::now() - whole_});
}

void HttpSession::send_piece(std::string_view piece) {
  if (closed_) return;
  append_piece(piece, framing(), out_.text());
  last_piece_ = Clock::now();
  flush();
}

/// Nothing behind such a request can be understood.
void HttpSession::refuse(const HttpProblem& problem) {
  goes_on_ = false;
  if (!speaks_http2(received_.bytes())) return send(answer_to(problem));
  out_.text() += http2_refusal();
  context_.metrics.count_answer(static_cast<unsigned>(problem.status));
}

void HttpSession::flush() {
  if (closed_) return;
  if (!out_.flush(shared_from_this())) return close();
  if (out_.pending()) account();
}

void HttpSession::account() {
  const std::size_t body = parser_ ? parser_->get().body().capacity() : 0;
  if (!closed_ && !memory_.hold(received_.held() + body + out_.held())) let_go(LetGo::memory);
}

// ---- ending -----------------------------------------------------------------------------------------------

/// What is not read stays in the system until the client was heard out.
void HttpSession::finish(Clock::time_point last_call) {
  const bool is_answered = !streams_ && deadline_ == kOurTurn;
  const bool is_owed =
      is_answered || begun_ || out_.pending() || !received_.bytes().empty() || is_busy(socket_);
  finishing_ = true;
  last_call_ = is_owed ? last_call : std::min(last_call, Clock::now() + (streams_ ? kDrain : kNothing));
  if (!in_flight_) changed_.cancel();
  stop_reading_.emit(asio::cancellation_type::all);
}

void HttpSession::enforce_deadline(Clock::time_point now) {
  Access& access = context_.entrance.access;
  if (const std::uint64_t revision = access.revision(); caller_ && revision != access_revision_) {
    access_revision_ = revision;
    if (!access.holds(*caller_)) return let_go(LetGo::no_token);
  }
  if (out_.overdue(now)) return let_go(LetGo::not_reading);
  if (now <= deadline_) return;
  if (draining_) return close();
  if (!begun_ || late_) return let_go(LetGo::silent);
  late_ = true;
  deadline_ = now + std::min(kDrain, context_.timeout);
  stop_reading_.emit(asio::cancellation_type::all);
}

void HttpSession::let_go(LetGo reason) {
  if (!closed_) context_.metrics.http.count(reason);
  close();
}

void HttpSession::close() {
  if (closed_) return;
  closed_ = true;
  out_.say_goodbye();
  if (!in_flight_) changed_.cancel();
  boost::system::error_code ignored;  // closing is best effort
  socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  out_.stop();
}

}  // namespace stockfold
