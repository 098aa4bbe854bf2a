// How a connection begins: hello, and log-in if the ledger needs a token.
#include <utility>
#include <variant>

#include "protocol/frame.h"
#include "server/tcp/session.h"

namespace stockfold {

namespace asio = boost::asio;
using asio::awaitable;

namespace {

constexpr std::string_view kAsksForToken = "this ledger asks for a token first";
/// More bytes than a hello or a log-in can have.
constexpr std::size_t kMaxGreetingBytes = 1'024;

}  // namespace

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
  auto message = decode_request(**payload, version_);
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
  const auto version = common_version(hello->min_version, hello->max_version);
  if (!version) {
    co_await refuse_and_close(message->id, "this server speaks the versions " +
                                               std::to_string(kFirstProtocolVersion) + " to " +
                                               std::to_string(kProtocolVersion) + " of the protocol");
    co_return false;
  }
  version_ = *version;
  const Head head = context_.log.head();
  reply(message->id, ServerHello{.version = version_,
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

/// If the ledger needs a token, the log-in has to be the next message.
awaitable<bool> Session::log_in() {
  access_revision_ = context_.entrance.access.revision();
  std::optional<RequestMessage> message;
  const LogIn* log_in = nullptr;
  if (context_.entrance.access.needs_token()) {
    message = co_await receive_first(false);
    if (!message) co_return false;
    log_in = std::get_if<LogIn>(&message->request);
    if (log_in == nullptr) {
      co_await refuse_and_close(message->id, std::string(kAsksForToken), ErrorCode::unauthorized);
      co_return false;
    }
  }
  auto caller = context_.entrance.access.identify(log_in != nullptr ? log_in->token : std::string_view());
  if (!caller) {
    ++context_.metrics.failed_log_ins;
    connection_.enter(ConnectionPhase::answer);
    co_await connection_.pause(
        context_.entrance.reject(connection_.address(), std::move(caller.error()), context_.now()));
    co_await refuse_and_close(message->id, "the token is not valid for this ledger, or no longer valid",
                              ErrorCode::unauthorized);
    co_return false;
  }
  caller_ = std::move(*caller);
  if (message) reply(message->id, LoggedIn{caller_.name, caller_.scopes});
  co_return true;
}

}  // namespace stockfold
