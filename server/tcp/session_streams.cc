// Requests that have the connection to themselves until either side ends it: subscriptions and checkpoints.
#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <utility>
#include <variant>

#include "net/clock.h"
#include "server/tcp/session.h"

namespace stockfold {

namespace asio = boost::asio;
using asio::awaitable;

awaitable<bool> Session::handle_follow(std::uint64_t id, FollowTypes request) {
  using asio::experimental::awaitable_operators::operator||;
  co_await await_replies(0);
  if (auto beyond = context_.queries.beyond_the_end(request.events.from)) {
    reply(id, std::move(*beyond));
    co_return true;
  }
  connection_.enter(ConnectionPhase::stream);
  if (!connection_.has_spoken()) {
    co_await (stream_events(id, std::move(request)) || connection_.until_spoken());
  }
  end_by_client(id);
  co_return false;
}

/// The first reply holds no events and comes at once. It tells the client that the subscription has begun,
/// and that from here on silence means a broken connection.
awaitable<void> Session::stream_events(std::uint64_t id, FollowTypes request) {
  GlobalPosition from = std::max(request.events.from, GlobalPosition(1));
  std::optional<Reply> next = EventsReply{{}, from, context_.log.head().position};
  SteadyTime beat = context_.now();  // when the next message is due, even if it only names the position read
  while (next && !connection_.finishing() && !connection_.closed()) {
    auto* error = std::get_if<ErrorReply>(&*next);
    if (error != nullptr) {
      error->closing = true;
      co_return reply(id, std::move(*next));
    }
    const auto& events = std::get<EventsReply>(*next);
    from = events.next.value_or(from);
    if (!events.events.empty() || context_.now() >= beat) {
      reply(id, std::move(*next));
      flush();
      co_await connection_.sent();
      beat = context_.now() + context_.limits.heartbeat;
    }
    next = co_await context_.queries.next_events(request, from, wake_up_for(beat, context_.now));
  }
}

awaitable<void> Session::until_finishing() {
  if (connection_.finishing() || connection_.closed()) co_return;
  co_await connection_.wait();
}

/// A client that follows, or holds a checkpoint, has nothing more to send: whatever comes, and whatever came
/// with the request, ends that.
void Session::end_by_client(std::uint64_t id) {
  if (connection_.finishing() || !connection_.has_spoken()) return;
  reply(id, ErrorReply{ErrorCode::invalid_argument,
                       "this request has the connection to itself: what was sent behind it has ended it, and "
                       "was not done",
                       true});
}

// ---- checkpoints ------------------------------------------------------------------------------------------

/// The checkpoint exists as long as the connection.
awaitable<bool> Session::handle_checkpoint(std::uint64_t id) {
  using asio::experimental::awaitable_operators::operator||;
  co_await await_replies(0);
  if (connection_.closed()) co_return false;
  if (context_.checkpoint.held()) {
    reply(id, ErrorReply{ErrorCode::overloaded, "somebody holds a checkpoint: one at a time", false});
    co_return true;
  }
  if (has_no_room(id)) co_return true;
  if (connection_.has_spoken()) {
    end_by_client(id);
    co_return false;
  }
  const GlobalPosition position = context_.log.head().position;
  const auto directory = co_await context_.checkpoint.make();
  if (!directory) {
    const std::string detail = "no checkpoint could be made: " + directory.error().what;
    reply(id, ErrorReply{ErrorCode::overloaded, detail.substr(0, kMaxDetailBytes), false});
    co_return true;
  }
  reply(id, CheckpointReply{directory->string(), position});
  flush();
  connection_.enter(ConnectionPhase::stream);
  co_await (connection_.until_spoken() || until_finishing());
  co_await context_.checkpoint.drop();
  end_by_client(id);
  co_return false;
}

}  // namespace stockfold
