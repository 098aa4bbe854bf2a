// Requests other than commands, where their answer takes longer than a look into memory.
#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <utility>
#include <variant>

#include "core/overloaded.h"
#include "projections/views.h"
#include "server/tcp/session.h"

namespace stockfold {

namespace asio = boost::asio;
using asio::awaitable;

namespace {

std::optional<std::string> cut(std::optional<std::string> row) {
  if (row && row->size() > kMaxShownBytes) row->resize(kMaxShownBytes);
  return row;
}

RebuiltReply::Finding sent(RebuildFinding finding) {
  switch (finding) {
    case RebuildFinding::same:
      return RebuiltReply::Finding::same;
    case RebuildFinding::differs:
      return RebuiltReply::Finding::differs;
    case RebuildFinding::nothing:
      break;
  }
  return RebuiltReply::Finding::nothing_to_compare;
}

RebuiltReply reply_with(RebuiltView rebuilt) {
  RebuiltReply reply{.view = std::move(rebuilt.view),
                     .position = rebuilt.position,
                     .rows = rebuilt.rows,
                     .digest = rebuilt.digest,
                     .finding = sent(rebuilt.finding),
                     .live = rebuilt.live,
                     .difference = std::nullopt,
                     .reason = std::move(rebuilt.reason)};
  if (auto& first = rebuilt.difference) {
    reply.difference = {std::move(first->key), cut(std::move(first->live)), cut(std::move(first->rebuilt))};
  }
  return reply;
}

}  // namespace

awaitable<bool> Session::answer(std::uint64_t id, Request& request) {
  auto handled = std::visit(
      Overloaded{
          [&](ClientHello&) { return handle_stray(id, "a connection says hello once"); },
          [&](LogIn&) { return handle_log_in(id); },
          [&](FollowEvents& follow) { return handle_follow(id, {.events = std::move(follow), .types = {}}); },
          [&](FollowTypes& follow) { return handle_follow(id, std::move(follow)); },
          [&](Rebuild& rebuild) { return handle_rebuild(id, std::move(rebuild)); },
          [&](MakeCheckpoint&) { return handle_checkpoint(id); },
          [&](auto& question) { return handle_question(id, std::move(question)); },
      },
      request);
  co_return co_await std::move(handled);
}

awaitable<bool> Session::handle_question(std::uint64_t id, Request request) {
  co_await await_answers(0);
  Reply answered = co_await context_.queries.answer(std::move(request));
  reply(id, std::move(answered));
  co_return true;
}

/// What is no question, and no command either.
awaitable<bool> Session::handle_stray(std::uint64_t id, std::string detail) {
  co_await refuse_and_close(id, std::move(detail));
  co_return false;
}

/// Where nobody needs a token, one is as good as none: clients have theirs whatever ledger they meet.
awaitable<bool> Session::handle_log_in(std::uint64_t id) {
  if (!caller_.token_id.empty()) co_return co_await handle_stray(id, "a connection logs in once");
  co_await await_answers(0);
  reply(id, LoggedIn{caller_.name, caller_.scopes});
  co_return true;
}

// ---- subscriptions ----------------------------------------------------------------------------------------

awaitable<bool> Session::handle_follow(std::uint64_t id, FollowTypes request) {
  using asio::experimental::awaitable_operators::operator||;
  co_await await_answers(0);
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

/// The first reply holds no events and comes at once: it says that the subscription stands, and that silence
/// is a sign from here on.
awaitable<void> Session::stream_events(std::uint64_t id, FollowTypes request) {
  GlobalPosition from = std::max(request.events.from, GlobalPosition(1));
  std::optional<Reply> next = EventsReply{{}, from, context_.log.head().position};
  SteadyTime beat = context_.now();  // when something has to be said, be it only how far the log was read
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

bool Session::has_no_room(std::uint64_t id) {
  auto failure = context_.reserve.failure();
  if (failure) reply(id, ErrorReply{failure->code, std::move(failure->detail), false});
  return failure.has_value();
}

// ---- rebuilds ---------------------------------------------------------------------------------------------

awaitable<bool> Session::handle_rebuild(std::uint64_t id, Rebuild request) {
  co_await await_answers(0);
  if (connection_.closed()) co_return false;
  if (auto error = context_.queries.not_ready(request)) {
    reply(id, std::move(*error));
    co_return true;
  }
  const Projection* projection = projection_named(request.view);
  if (projection == nullptr) {
    reply(id, ErrorReply{ErrorCode::invalid_argument, "there is no view of that name", false});
    co_return true;
  }
  if (context_.rebuild.under_way()) {
    reply(id, ErrorReply{ErrorCode::overloaded, "another view is being rebuilt: one at a time", false});
    co_return true;
  }
  if (has_no_room(id)) co_return true;
  const RebuildProgress progress = [this, id](GlobalPosition at, GlobalPosition head) {
    reply(id, RebuildingReply{at, head});
    flush();
  };
  auto outcome = co_await context_.rebuild.run(*projection, progress);
  if (!outcome) {
    reply(id, context_.queries.failed(outcome.error()));
  } else if (!*outcome) {
    reply(id, ErrorReply{ErrorCode::overloaded, "the ledger is shutting down; the view is as it was", false});
  } else {
    reply(id, reply_with(std::move(**outcome)));
  }
  co_return true;
}

// ---- checkpoints ------------------------------------------------------------------------------------------

/// It is there for as long as the connection is.
awaitable<bool> Session::handle_checkpoint(std::uint64_t id) {
  using asio::experimental::awaitable_operators::operator||;
  co_await await_answers(0);
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
