#include "server/tcp/session.h"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>
#include <variant>

#include "net/turn.h"
#include "protocol/frame.h"
#include "server/ledger/admit.h"

namespace stockfold {

namespace asio = boost::asio;
using asio::awaitable;

namespace {

constexpr std::string_view kAsksForToken = "this ledger asks for a token first";
/// More than a hello or a log-in can have.
constexpr std::size_t kMaxGreetingBytes = 1'024;
/// How long a client that was told of the end may go on sending, where it has nothing more to read.
constexpr std::chrono::milliseconds kDrain{1'000};

}  // namespace

Session::Session(asio::ip::tcp::socket socket, std::unique_ptr<TlsStream> tls, const SessionContext& context)
    : context_(context),
      connection_(std::move(socket), std::move(tls), ConnectionPhase::greeting,
                  {.first = context.limits.hello,
                   .request = context.limits.frame,
                   .idle = context.limits.idle,
                   .write = context.limits.write},
                  {.memory = context.memory, .counts = context.metrics.tcp, .now = context.now}) {}

// ---- the life of a connection -----------------------------------------------------------------------------

awaitable<void> Session::run() {
  connection_.belongs_to(weak_from_this());
  const bool greeted = co_await greet();
  if (greeted) {
    co_await serve();
  }
  if (const std::string_view fault = connection_.tls_fault(); !fault.empty()) {
    context_.entrance.tls_complaints.add(connection_.address(), std::string(fault));
  }
  co_await await_answers(0);
  if (connection_.finishing()) {
    reply(0, ErrorReply{ErrorCode::overloaded,
                        "the ledger is shutting down: what it has not answered was not done; connect again",
                        true});
  }
  co_await connection_.send_end();
  co_await connection_.drain_input(kDrain);
  close();
}

awaitable<std::optional<RequestMessage>> Session::receive_first(bool is_hello) {
  auto payload = take_payload();
  while (payload && !*payload) {
    const bool more = co_await receive();
    if (!more || connection_.finishing() || connection_.closed()) co_return std::nullopt;
    payload = take_payload();
    // Before login, buffer no more than the longest allowed greeting.
    const bool too_long = payload && !*payload && connection_.received().bytes().size() > kMaxGreetingBytes;
    if (too_long && is_hello) payload = std::unexpected(FrameError::too_large);
    if (too_long && !is_hello) {
      co_await refuse_and_close(0, std::string(kAsksForToken), ErrorCode::unauthorized);
      co_return std::nullopt;
    }
  }
  if (!payload) {
    co_await refuse_and_close(0, std::string(name_of(payload.error())));
    co_return std::nullopt;
  }
  auto message = decode_request(**payload);
  if (message) co_return std::move(*message);
  co_await refuse_and_close(message.error().id, message.error().what);
  co_return std::nullopt;
}

awaitable<bool> Session::greet() {
  const auto message = co_await receive_first(true);
  if (!message) co_return false;
  const auto* hello = std::get_if<ClientHello>(&message->request);
  if (hello == nullptr) {
    co_await refuse_and_close(message->id, "the first message of a connection must be a hello");
    co_return false;
  }
  if (hello->min_version > kProtocolVersion || hello->max_version < kProtocolVersion) {
    co_await refuse_and_close(
        message->id, "this server speaks version " + std::to_string(kProtocolVersion) + " of the protocol");
    co_return false;
  }
  const Head head = context_.log.head();
  reply(message->id, ServerHello{.version = kProtocolVersion,
                                 .ledger = head.ledger,
                                 .epoch = head.epoch,
                                 .position = head.position,
                                 .max_frame_bytes = kMaxFrameBytes,
                                 .max_in_flight = context_.limits.in_flight,
                                 .server = "stockfold"});
  const bool is_known = co_await log_in();
  greeted_ = is_known;
  connection_.enter(ConnectionPhase::answer);
  co_return is_known;
}

/// Nothing else is read of a client before it has said who it is, where the ledger wants to know that.
awaitable<bool> Session::log_in() {
  access_revision_ = context_.entrance.access.revision();
  std::optional<RequestMessage> message;
  const LogIn* said = nullptr;
  if (context_.entrance.access.needs_token()) {
    message = co_await receive_first(false);
    if (!message) co_return false;
    said = std::get_if<LogIn>(&message->request);
    if (said == nullptr) {
      co_await refuse_and_close(message->id, std::string(kAsksForToken), ErrorCode::unauthorized);
      co_return false;
    }
  }
  auto caller = context_.entrance.access.identify(said != nullptr ? said->token : std::string_view());
  if (!caller) {
    ++context_.metrics.failed_log_ins;
    connection_.enter(ConnectionPhase::answer);
    co_await connection_.pause(
        context_.entrance.turn_away(connection_.address(), std::move(caller.error()), context_.now()));
    co_await refuse_and_close(message->id, "the token is not valid for this ledger, or no longer valid",
                              ErrorCode::unauthorized);
    co_return false;
  }
  caller_ = std::move(*caller);
  if (message) reply(message->id, LoggedIn{caller_.name, caller_.scopes});
  co_return true;
}

awaitable<void> Session::serve() {
  std::size_t requests = 0;  // of this turn
  for (;;) {
    if (requests == kTurnRequests || connection_.out().size() >= kFlushBytes) {
      if (connection_.out().size() >= kFlushBytes) flush();
      co_await connection_.sent();
      co_await asio::post(connection_.executor(), asio::use_awaitable);  // other connections have their turn
      requests = 0;
    }
    const auto payload = take_payload();
    if (!payload) {
      co_await refuse_and_close(0, std::string(name_of(payload.error())));
      co_return;
    }
    if (connection_.finishing() || connection_.closed()) co_return;
    if (!*payload) {
      const bool more = co_await receive();
      if (!more) co_return;
      requests = 0;
      continue;
    }
    ++requests;
    if (refuse_unread(**payload)) continue;
    auto message = decode_request(**payload);
    if (const auto kind = message ? query_kind_of(message->request) : std::nullopt) {
      context_.metrics.count(*kind);
    }
    const auto needed = message ? scope_of(message->request) : std::nullopt;
    const bool allowed = !needed || caller_.scopes.holds(*needed);
    // Most requests need not wait for anything, and so no coroutine of their own.
    if (auto* command = message ? std::get_if<CommandRequest>(&message->request) : nullptr) {
      if (owed() >= context_.limits.in_flight) {
        co_await await_answers(context_.limits.in_flight - 1);
        if (connection_.closed()) co_return;
      }
      std::optional<Failure> failed = submit(message->id, std::move(command->command));
      if (failed) reply_in_turn(message->id, CommandReply{Answer{std::move(*failed)}});
    } else if (!allowed) {
      reply_in_turn(message->id, ErrorReply{ErrorCode::forbidden, lacks(caller_, *needed), false});
    } else if (!message || !show_at_once(*message)) {
      const bool more = co_await handle(std::move(message));
      if (!more) co_return;
    }
  }
}

std::expected<std::optional<std::string_view>, FrameError> Session::take_payload() {
  ReceiveBuffer& received = connection_.received();
  std::string_view bytes = received.bytes();
  const auto payload = take_frame(bytes);
  if (!payload || !*payload) return payload;
  received.consume(received.bytes().size() - bytes.size());
  if (greeted_) connection_.enter(ConnectionPhase::answer);
  return payload;
}

awaitable<bool> Session::receive() {
  if (!greeted_) return connection_.receive(ConnectionPhase::greeting);
  return connection_.receive(connection_.has_begun() ? ConnectionPhase::request : ConnectionPhase::idle);
}

awaitable<bool> Session::handle(std::expected<RequestMessage, ProtocolError> message) {
  if (!message) {
    if (message.error().id == 0) {
      co_await refuse_and_close(0, message.error().what);
      co_return false;
    }
    co_await await_answers(0);
    reply(message.error().id, ErrorReply{ErrorCode::invalid_argument, message.error().what, false});
    co_return true;
  }
  co_return co_await answer(message->id, message->request);
}

// ---- commands ---------------------------------------------------------------------------------------------

/// Queues a command, or says why not.
std::optional<Failure> Session::submit(std::uint64_t id, Command&& command) {
  const CommandKind kind = kind_of(command.body);
  auto failed = authorise(command, caller_);
  if (!failed) failed = admit(command);
  // Under an id it may have been done before, which the ledger looks at first.
  if (!failed && !command.identity) failed = context_.reserve.failure();
  if (failed) {
    context_.metrics.commands.count(kind, failed->code);
    return failed;
  }
  if (!context_.writer.submit(std::move(command), *this, turn())) {
    context_.metrics.commands.count(kind, ErrorCode::overloaded);
    return too_busy();
  }
  in_flight_.push_back(id);
  return std::nullopt;
}

bool Session::refuse_unread(std::string_view payload) {
  static const Answer busy{too_busy()};
  if (owed() >= context_.limits.in_flight || !caller_.scopes.holds(Scope::command)) return false;
  const auto command = peek_command(payload);
  if (!command || context_.writer.has_room(turn())) return false;
  context_.metrics.commands.count(command->kind, ErrorCode::overloaded);
  encode_answer(command->id, busy, in_turn());
  return true;
}

void Session::answered(std::span<const Answer> answers) {
  const bool states = sees_states(caller_);
  for (const Answer& answer : answers) {
    if (!connection_.closed() && states) encode_answer(in_flight_.front(), answer, connection_.out());
    if (!connection_.closed() && !states) {
      encode_answer(in_flight_.front(), without_state(answer), connection_.out());
    }
    in_flight_.pop_front();
    ++answered_;
    if (ready_.empty() || ready_.front().behind != answered_) continue;
    if (!connection_.closed()) connection_.out() += ready_.front().frames;
    ready_replies_ -= ready_.front().count;
    ready_.pop_front();
  }
  connection_.wake();
}

// ---- reads ------------------------------------------------------------------------------------------------

/// Shows what is in memory, unless an earlier request of the connection has to be answered first.
bool Session::show_at_once(const RequestMessage& message) {
  if (!in_flight_.empty()) return false;
  auto known = context_.queries.at_once(message.request);
  if (known) reply(message.id, std::move(*known));
  return known.has_value();
}

// ---- writing ----------------------------------------------------------------------------------------------

void Session::reply(std::uint64_t id, Reply reply) {
  if (const auto* error = std::get_if<ErrorReply>(&reply)) context_.metrics.count(*error);
  if (!connection_.closed()) encode_reply({id, std::move(reply)}, connection_.out());
}

/// Replies once all commands before it are answered, without reading on only then.
void Session::reply_in_turn(std::uint64_t id, Reply reply) {
  if (in_flight_.empty()) return this->reply(id, std::move(reply));
  encode_reply({id, std::move(reply)}, in_turn());
}

std::string& Session::in_turn() {
  if (in_flight_.empty()) return connection_.out();
  const std::uint64_t behind = answered_ + in_flight_.size();
  if (ready_.empty() || ready_.back().behind != behind) ready_.push_back({.behind = behind, .frames = {}});
  ++ready_.back().count;
  ++ready_replies_;
  return ready_.back().frames;
}

/// One write for all replies of a commit.
void Session::flush() { connection_.flush(); }

/// Waits until at most so many commands have no reply yet.
awaitable<void> Session::await_answers(std::size_t commands) {
  while (owed() > commands) {
    co_await connection_.wait();
  }
}

// ---- ending -----------------------------------------------------------------------------------------------

awaitable<void> Session::refuse_and_close(std::uint64_t id, std::string detail, ErrorCode code) {
  co_await await_answers(0);
  connection_.count(code == ErrorCode::unauthorized ? CloseReason::no_token : CloseReason::malformed);
  reply(id, ErrorReply{code, std::move(detail), true});
}

void Session::finish(SteadyTime last_call) { connection_.finish(last_call, owed() > 0, kDrain); }

void Session::enforce_deadline(SteadyTime now) {
  if (const std::uint64_t revision = context_.entrance.access.revision();
      greeted_ && revision != access_revision_) {
    access_revision_ = revision;
    if (!context_.entrance.access.holds(caller_)) return connection_.close(CloseReason::no_token);
  }
  connection_.enforce_deadline(now, in_flight_.empty());
}

}  // namespace stockfold
