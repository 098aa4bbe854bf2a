#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <string>
#include <utility>
#include <variant>

#include "clients/cpp/channel.h"
#include "clients/cpp/connection.h"

namespace stockfold {
namespace {

namespace asio = boost::asio;
using asio::experimental::awaitable_operators::operator||;

using Each = std::function<bool(const RecordedEvent&)>;

/// Follows the log over one channel, and reconnects when it is lost.
class Subscription {
 public:
  Subscription(asio::io_context& io, const ClientOptions& options, ServerHello server, FollowTypes request,
               const Each& each)
      : channel_(io.get_executor()),
        pause_(io),
        options_(options),
        server_(std::move(server)),
        request_(std::move(request)),
        each_(each) {}

  asio::awaitable<ClientResult<void>> run() {
    for (;;) {
      auto ended = co_await follow_once();
      if (ended || !can_reconnect(ended.error())) co_return ended;
      if (attempts_ == options_.reconnects) co_return ended;
      ++attempts_;
      pause_.expires_after(backoff(attempts_));
      co_await pause_.async_wait(kAwait);
    }
  }

 private:
  static bool can_reconnect(const ClientError& error) {
    if (error.kind == ClientErrorKind::rejected) return error.code == ErrorCode::overloaded;
    return error.kind != ClientErrorKind::protocol && error.kind != ClientErrorKind::untrusted &&
           error.kind != ClientErrorKind::another_life;
  }

  /// Returns when `each_` returns false, or with the error that stopped it.
  asio::awaitable<ClientResult<void>> follow_once() {
    auto hello = co_await channel_.open(options_);
    if (!hello) co_return std::unexpected(std::move(hello.error()));
    if (hello->ledger != server_.ledger || hello->epoch != server_.epoch) {
      co_return broken(
          "another ledger answers there, or another life of it: earlier positions are not valid in it");
    }
    std::string frame;
    encode_request({1, request_.types.empty() ? Request(request_.events) : Request(request_)}, frame,
                   channel_.version());
    auto written = co_await channel_.write(frame);
    if (!written) co_return written;

    bool beats = false;  // the ledger sends heartbeats; older ones send nothing without events
    for (;;) {
      // Named, since GCC 12 destroys a coroutine twice that is awaited as the result of a choice.
      auto reading = beats ? read_in_time() : channel_.read();
      auto message = co_await std::move(reading);
      if (!message) co_return std::unexpected(std::move(message.error()));
      if (auto* error = std::get_if<ErrorReply>(&message->reply)) co_return refused(*error);
      const auto* events = std::get_if<EventsReply>(&message->reply);
      if (events == nullptr || message->id != 1)
        co_return broken("the ledger sent a reply that matches no request");
      attempts_ = 0;
      for (const RecordedEvent& event : events->events) {
        if (event.position < request_.events.from) co_return broken("the ledger sent an event a second time");
        request_.events.from = event.position.next();
        if (!each_(event)) co_return ClientResult<void>();
      }
      beats = beats || events->events.empty();
      if (events->next) request_.events.from = std::max(request_.events.from, *events->next);
    }
  }

  asio::awaitable<ClientResult<ReplyMessage>> read_in_time() {
    pause_.expires_after(options_.silence);
    auto first = co_await (channel_.read() || pause_.async_wait(kAwait));
    if (auto* message = std::get_if<0>(&first)) co_return std::move(*message);
    co_return std::unexpected(ClientError{
        ClientErrorKind::lost,
        "the ledger sent nothing for " + std::to_string(options_.silence.count()) + " ms", std::nullopt});
  }

  static std::unexpected<ClientError> broken(std::string what) {
    return std::unexpected(ClientError{ClientErrorKind::protocol, std::move(what), std::nullopt});
  }
  static std::unexpected<ClientError> refused(ErrorReply& error) {
    const bool passing = error.code == ErrorCode::overloaded;
    return std::unexpected(ClientError{passing ? ClientErrorKind::lost : ClientErrorKind::rejected,
                                       std::move(error.detail), error.code});
  }

  Channel channel_;
  asio::steady_timer pause_;
  const ClientOptions& options_;
  const ServerHello server_;
  FollowTypes request_;  ///< From where the ledger has read to.
  const Each& each_;
  int attempts_ = 0;  ///< To reconnect, since the last reply.
};

}  // namespace

ClientResult<void> Client::follow(const FollowEvents& request, const Each& each) {
  return follow_types({request, {}}, each);
}

ClientResult<void> Client::follow_types(const FollowTypes& request, const Each& each) {
  auto server = connection_->same_life();
  if (!server) return std::unexpected(std::move(server.error()));
  asio::io_context io(1);
  Subscription follower(io, connection_->options(), std::move(*server), request, each);
  ClientResult<void> result;
  std::exception_ptr thrown;  // by `each`
  asio::co_spawn(io, follower.run(), [&](const std::exception_ptr& error, ClientResult<void> ended) {
    thrown = error;
    result = std::move(ended);
  });
  io.run();
  if (thrown) std::rethrow_exception(thrown);
  return result;
}

}  // namespace stockfold
