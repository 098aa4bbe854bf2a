// What requests other than commands are answered with, where that takes longer than a look into memory.
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <utility>
#include <variant>

#include "core/overloaded.h"
#include "projections/all.h"
#include "server/awaiting.h"
#include "server/reads.h"
#include "server/session.h"

namespace stockfold {

namespace asio = boost::asio;
using asio::awaitable;

namespace {

/// A row that is not in memory may have to come from disk, and many rows take long: both are read beside the
/// network thread.
std::expected<ProductReply, Fault> read_there(const SessionContext& context, const ShowProduct& request,
                                              GlobalPosition at) {
  return read(context.views, request, at);
}
std::expected<OrderReply, Fault> read_there(const SessionContext& context, const ShowOrder& request,
                                            GlobalPosition at) {
  return read(context.views, request, at);
}
auto read_there(const SessionContext& context, const ListProducts& request, GlobalPosition /*at*/) {
  return read(context.views, request);
}
auto read_there(const SessionContext& context, const ListOrders& request, GlobalPosition /*at*/) {
  return read(context.views, request);
}
auto read_there(const SessionContext& context, const ReadMovements& request, GlobalPosition /*at*/) {
  return read(context.views, request);
}
auto read_there(const SessionContext& context, const ReadEvents& request, GlobalPosition /*at*/) {
  return read(context.views, context.log, request);
}
auto read_there(const SessionContext& context, const FindPosition& request, GlobalPosition /*at*/) {
  return read(context.log, request);
}
auto read_there(const SessionContext& context, const ReadCommits& request, GlobalPosition /*at*/) {
  return read(context.log, request);
}

/// A view that the request needs and that need not be ready when the ledger is; empty where there is none.
std::string_view late_view_for(const Request& request) {
  const auto of_a_product = Overloaded{
      [](const ShowProduct&) { return true; },
      [](const ListProducts&) { return true; },
      [](const auto& /*about orders*/) { return false; },
  };
  return std::visit(Overloaded{
                        [](const ReadMovements&) { return movement_projection().name(); },
                        [](const ReadEvents& read) {
                          const bool by_index = read.stream && read.stream->kind == AggregateKind::product;
                          return by_index ? stream_projection().name() : std::string_view();
                        },
                        [&](const At& at) {
                          const bool by_index = std::visit(of_a_product, at.read);
                          return by_index ? stream_projection().name() : std::string_view();
                        },
                        [](const Rebuild& rebuild) { return std::string_view(rebuild.view); },
                        [](const auto& /*other*/) { return std::string_view(); },
                    },
                    request);
}

/// What a request is answered with as long as its view is being built; empty where it is not.
std::optional<ErrorReply> not_ready(const LateViews& late_views, const Request& request) {
  const std::string_view view = late_view_for(request);
  const auto progress = late_views.progress(view);
  if (!progress) return std::nullopt;
  const std::uint64_t percent =
      progress->at.value() * 100 / std::max<std::uint64_t>(progress->head.value(), 1);
  return ErrorReply{Rule::view_not_ready,
                    "the view " + std::string(view) + " is being rebuilt, " + std::to_string(percent) +
                        " % done: try again",
                    false};
}

void cut_what_is_long(std::optional<RowDifference>& difference) {
  if (!difference) return;
  for (std::optional<std::string>* row : {&difference->live, &difference->rebuilt}) {
    if (*row && (*row)->size() > kMaxShownBytes) (*row)->resize(kMaxShownBytes);
  }
}

template <class Request>
constexpr bool kReadsOne = std::is_same_v<Request, ShowProduct> || std::is_same_v<Request, ShowOrder>;

}  // namespace

awaitable<bool> Session::answer(std::uint64_t id, Request& request) {
  if (auto error = not_ready(context_.late_views, request)) {
    co_await settled(0);
    reply(id, std::move(*error));
    co_return true;
  }
  auto handled = std::visit(Overloaded{
                                [&](FollowEvents& follow) { return handle_follow(id, std::move(follow)); },
                                [&](At& at) { return handle_at(id, std::move(at)); },
                                [&](Rebuild& rebuild) { return handle_rebuild(id, std::move(rebuild)); },
                                [&](ShowHead&) { return handle_head(id); },
                                [&](MakeCheckpoint&) { return handle_checkpoint(id); },
                                [&](SignHead&) { return handle_signed_head(id); },
                                [&](auto& other) {
                                  if constexpr (requires { read_there(context_, other, GlobalPosition()); }) {
                                    return handle_read(id, std::move(other));
                                  } else {
                                    return handle_stray(id);
                                  }
                                },
                            },
                            request);
  co_return co_await std::move(handled);
}

awaitable<bool> Session::handle_head(std::uint64_t id) {
  co_await settled(0);
  reply(id, head());
  co_return true;
}

awaitable<bool> Session::handle_signed_head(std::uint64_t id) {
  co_await settled(0);
  reply(id, SignedHeadReply{context_.key.sign(context_.log.head())});
  co_return true;
}

/// What is no question, and no command either.
awaitable<bool> Session::handle_stray(std::uint64_t id) {
  co_await refuse_and_close(id, "a connection says hello once");
  co_return false;
}

// ---- reads ------------------------------------------------------------------------------------------------

template <class Request>
awaitable<bool> Session::handle_read(std::uint64_t id, Request request) {
  co_await settled(0);
  const bool is_visible = co_await visible(request);
  if (!is_visible) {
    not_reached(id);
    co_return true;
  }
  if constexpr (kReadsOne<Request>) {
    if (show_known(id, request)) co_return true;
  }
  const GlobalPosition at = context_.ledger.position();
  auto answer = co_await asio::co_spawn(
      context_.readers,
      [this, &request, at]() -> awaitable<decltype(read_there(context_, request, at))> {
        co_return read_there(context_, request, at);
      },
      not_cancelled());
  if (answer) {
    reply(id, std::move(*answer));
  } else {
    failed(id, answer.error());
  }
  co_return true;
}

/// Waits for all that was acknowledged by now, and what the caller names.
template <class Request>
awaitable<bool> Session::visible(const Request& request) {
  if constexpr (!requires { request.freshness; }) {
    co_return true;  // it reads the log, which ends with what was acknowledged
  } else {
    const Freshness& freshness = request.freshness;
    if (freshness.stale) co_return true;
    const auto deadline = Clock::now() + context_.limits.read;
    const GlobalPosition named = freshness.min_position.value_or(GlobalPosition(0));
    if constexpr (kReadsOne<Request>) {
      co_return co_await context_.head.wait(named,
                                            deadline);  // memory and view together are always at the head
    } else {
      const GlobalPosition wanted = std::max(context_.head.position(), named);
      if (context_.applied.position() < wanted) context_.hurry();
      co_return co_await context_.applied.wait(wanted, deadline);
    }
  }
}

/// The views need to hold what is asked for, which may be long past, and no more.
awaitable<bool> Session::handle_at(std::uint64_t id, At request) {
  co_await settled(0);
  const auto deadline = Clock::now() + context_.limits.read;
  const auto min_position =
      std::visit([](const auto& read) { return read.freshness.min_position; }, request.read);
  bool is_there = co_await context_.head.wait(min_position.value_or(GlobalPosition(0)), deadline);
  const GlobalPosition head = context_.head.position();
  const auto* position = std::get_if<GlobalPosition>(&request.moment);
  if (is_there && position != nullptr && *position > head) {
    reply(id, ErrorReply{Rule::invalid_argument,
                         "at: position " + std::to_string(position->value()) +
                             " is beyond the end of the log, " + std::to_string(head.value()),
                         false});
    co_return true;
  }
  if (is_there) {
    const GlobalPosition wanted = position == nullptr ? head : *position;
    if (context_.applied.position() < wanted) context_.hurry();
    is_there = co_await context_.applied.wait(wanted, deadline);
  }
  if (!is_there) {
    not_reached(id);
    co_return true;
  }
  auto answer = co_await asio::co_spawn(
      context_.readers,
      [this, &request, head]() -> awaitable<std::expected<Reply, Fault>> {
        co_return read(context_.past, context_.log, request, head);
      },
      not_cancelled());
  if (answer) {
    reply(id, std::move(*answer));
  } else {
    failed(id, answer.error());
  }
  co_return true;
}

void Session::not_reached(std::uint64_t id) {
  reply(id, ErrorReply{Rule::overloaded, "the position asked for was not reached in time", false});
}

/// A read that failed because the store did.
void Session::failed(std::uint64_t id, const Fault& fault) {
  context_.failed(fault);
  const std::string detail = "the store could not be read: " + fault.what;
  reply(id, ErrorReply{Rule::outcome_unknown, detail.substr(0, kMaxDetailBytes), false});
}

HeadReply Session::head() const {
  const Head head = context_.log.head();
  return {.ledger = head.ledger,
          .epoch = head.epoch,
          .position = head.position,
          .hash = head.hash,
          .time = head.time,
          .views = context_.applied.position()};
}

// ---- subscriptions ----------------------------------------------------------------------------------------

awaitable<bool> Session::handle_follow(std::uint64_t id, FollowEvents request) {
  using asio::experimental::awaitable_operators::operator||;
  co_await settled(0);
  deadline_ = Clock::time_point::max();
  co_await (stream_events(id, std::move(request)) || until_client_speaks());
  co_return false;
}

awaitable<void> Session::stream_events(std::uint64_t id, FollowEvents request) {
  GlobalPosition from = std::max(request.from, GlobalPosition(1));
  while (!finishing_ && !closed_) {
    if (context_.head.position() < from) {
      co_await context_.head.wait(from, Clock::time_point::max());
      if (context_.head.position() < from) co_return;  // shutting down
    }
    auto events = co_await asio::co_spawn(
        context_.readers,
        [this, &request, from]() -> awaitable<std::expected<EventsReply, Fault>> {
          co_return follow(context_.log, request, from);
        },
        not_cancelled());
    if (!events) {
      failed(id, events.error());
      co_return;
    }
    from = events->next.value_or(from);
    if (events->events.empty()) continue;
    reply(id, std::move(*events));
    flush();
    co_await written();
  }
}

/// Who follows, or holds a checkpoint, has nothing more to say: whatever comes, even the end, ends that.
awaitable<void> Session::until_client_speaks() {
  co_await socket_.async_wait(asio::ip::tcp::socket::wait_read, kAsTuple);
}

// ---- rebuilds ---------------------------------------------------------------------------------------------

awaitable<bool> Session::handle_rebuild(std::uint64_t id, Rebuild request) {
  co_await settled(0);
  const Projection* projection = projection_named(request.view);
  if (projection == nullptr) {
    reply(id, ErrorReply{Rule::invalid_argument, "there is no view of that name", false});
    co_return true;
  }
  if (context_.rebuild.under_way()) {
    reply(id, ErrorReply{Rule::overloaded, "another view is being rebuilt: one at a time", false});
    co_return true;
  }
  const RebuildProgress progress = [this, id](GlobalPosition at, GlobalPosition head) {
    reply(id, RebuildingReply{at, head});
    flush();
  };
  auto outcome = co_await context_.rebuild.run(*projection, progress);
  if (!outcome) {
    failed(id, outcome.error());
  } else if (!*outcome) {
    reply(id, ErrorReply{Rule::overloaded, "the ledger is shutting down; the view is as it was", false});
  } else {
    cut_what_is_long((**outcome).difference);
    reply(id, RebuiltReply{std::move(**outcome)});
  }
  co_return true;
}

// ---- checkpoints ------------------------------------------------------------------------------------------

/// It is there for as long as the connection is.
awaitable<bool> Session::handle_checkpoint(std::uint64_t id) {
  co_await settled(0);
  if (context_.checkpoint.held()) {
    reply(id, ErrorReply{Rule::overloaded, "somebody holds a checkpoint: one at a time", false});
    co_return true;
  }
  const GlobalPosition position = context_.log.head().position;
  const auto directory = co_await context_.checkpoint.make();
  if (!directory) {
    const std::string detail = "no checkpoint could be made: " + directory.error().what;
    reply(id, ErrorReply{Rule::overloaded, detail.substr(0, kMaxDetailBytes), false});
    co_return true;
  }
  reply(id, CheckpointReply{directory->string(), position});
  flush();
  deadline_ = Clock::time_point::max();
  co_await until_client_speaks();
  co_await context_.checkpoint.drop();
  co_return false;
}

}  // namespace stockfold
