#include "server/tcp/session.h"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>
#include <variant>

#include "net/turn.h"
#include "protocol/frame.h"

namespace stockfold {

namespace asio = boost::asio;
using asio::awaitable;

namespace {

/// How long a client that has nothing more to read may go on sending before the connection closes.
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
  co_await await_replies(0);
  if (connection_.finishing()) {
    reply(0, ErrorReply{ErrorCode::overloaded,
                        "the ledger is shutting down: what it has not answered was not done; connect again",
                        true});
  }
  co_await connection_.send_end();
  co_await connection_.drain_input(kDrain);
  close();
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
    auto message = decode_request(**payload, version_);
    if (const auto kind = message ? query_kind_of(message->request) : std::nullopt) {
      context_.metrics.count(*kind);
    }
    const auto needed = message ? scope_of(message->request) : std::nullopt;
    const bool allowed = !needed || caller_.scopes.holds(*needed);
    // Most requests do not wait for anything, and so need no coroutine of their own.
    if (auto* command = message ? std::get_if<CommandRequest>(&message->request) : nullptr) {
      if (replies_.owed() >= context_.limits.in_flight) {
        co_await await_replies(context_.limits.in_flight - 1);
        if (connection_.closed()) co_return;
      }
      std::optional<Failure> failed = submit(message->id, std::move(command->command));
      if (failed) reply_in_order(message->id, CommandReply{Answer{std::move(*failed)}});
    } else if (!allowed) {
      reply_in_order(message->id, ErrorReply{ErrorCode::forbidden, lacks(caller_, *needed), false});
    } else if (auto* batch = message ? std::get_if<CommandBatch>(&message->request) : nullptr) {
      if (replies_.owed() >= context_.limits.in_flight) {
        co_await await_replies(context_.limits.in_flight - 1);
        if (connection_.closed()) co_return;
      }
      submit(message->id, std::move(*batch));
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

// ---- replies ----------------------------------------------------------------------------------------------

void Session::reply(std::uint64_t id, Reply reply) {
  if (const auto* error = std::get_if<ErrorReply>(&reply)) context_.metrics.count(*error);
  if (!connection_.closed()) encode_reply({id, std::move(reply)}, connection_.out(), version_);
}

void Session::reply_in_order(std::uint64_t id, Reply reply) {
  if (replies_.empty()) return this->reply(id, std::move(reply));
  encode_reply({id, std::move(reply)}, replies_.place_in(connection_.out()), version_);
}

/// One write for all replies of a commit.
void Session::flush() { connection_.flush(); }

awaitable<void> Session::await_replies(std::size_t most) {
  while (replies_.owed() > most) {
    co_await connection_.wait();
  }
}

// ---- ending -----------------------------------------------------------------------------------------------

awaitable<void> Session::refuse_and_close(std::uint64_t id, std::string detail, ErrorCode code) {
  co_await await_replies(0);
  connection_.count(code == ErrorCode::unauthorized ? CloseReason::no_token : CloseReason::malformed);
  reply(id, ErrorReply{code, std::move(detail), true});
}

void Session::finish(SteadyTime last_call) { connection_.finish(last_call, replies_.owed() > 0, kDrain); }

void Session::enforce_deadline(SteadyTime now) {
  Access& access = context_.entrance.access;
  if (greeted_ && access.has_revoked(caller_, access_revision_)) {
    return connection_.close(CloseReason::no_token);
  }
  connection_.enforce_deadline(now, replies_.empty());
}

}  // namespace stockfold
