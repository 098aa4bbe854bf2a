#include "server/queries/queries.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "core/overloaded.h"
#include "net/awaiting.h"
#include "projections/all.h"
#include "server/queries/reads.h"

namespace stockfold {

namespace asio = boost::asio;
using asio::awaitable;

namespace {

Result<ProductReply> read_there(const QuerySources& from, const ShowProduct& request, GlobalPosition at) {
  return read(from.views, request, at);
}
Result<OrderReply> read_there(const QuerySources& from, const ShowOrder& request, GlobalPosition at) {
  return read(from.views, request, at);
}
auto read_there(const QuerySources& from, const ListProducts& request, GlobalPosition /*at*/) {
  return read(from.views, request);
}
auto read_there(const QuerySources& from, const ListOrders& request, GlobalPosition /*at*/) {
  return read(from.views, request);
}
auto read_there(const QuerySources& from, const ReadMovements& request, GlobalPosition /*at*/) {
  return read(from.views, request);
}
auto read_there(const QuerySources& from, const ReadZoneMovements& request, GlobalPosition /*at*/) {
  return read(from.views, request);
}
auto read_there(const QuerySources& from, const ReadEvents& request, GlobalPosition /*at*/) {
  return read(from.views, from.log, request);
}
auto read_there(const QuerySources& from, const FindPosition& request, GlobalPosition /*at*/) {
  return read(from.log, request);
}
auto read_there(const QuerySources& from, const ReadCommits& request, GlobalPosition /*at*/) {
  return read(from.log, request);
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
                        [](const ReadZoneMovements&) { return quarter_projection().name(); },
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

ErrorReply not_reached(GlobalPosition asked, GlobalPosition head) {
  std::string detail = "the position asked for was not reached in time";
  if (asked > head) {
    detail +=
        ": it is " + std::to_string(asked.value()) + ", and the log ends at " + std::to_string(head.value());
  }
  return {ErrorCode::overloaded, std::move(detail), false};
}

template <class T>
Reply reply_or_error(const Queries& queries, Result<T> read) {
  if (!read) return queries.failed(read.error());
  return std::move(*read);
}

/// What the caller asks to see.
template <class Read>
GlobalPosition named_by(const Read& request) {
  if constexpr (requires { request.freshness; }) {
    return request.freshness.min_position.value_or(GlobalPosition(0));
  } else {
    return GlobalPosition(0);
  }
}

template <class Read>
constexpr bool kReadsOne = std::is_same_v<Read, ShowProduct> || std::is_same_v<Read, ShowOrder>;

}  // namespace

// ---- what is in memory ------------------------------------------------------------------------------------

std::optional<Reply> Queries::at_once(const Request& request) const {
  if (const auto* show = std::get_if<ShowProduct>(&request)) return known(*show);
  if (const auto* show = std::get_if<ShowOrder>(&request)) return known(*show);
  return std::nullopt;
}

template <class Show>
std::optional<Reply> Queries::known(const Show& show) const {
  const GlobalPosition position = sources_.ledger.position();
  if (!show.freshness.stale && show.freshness.min_position > position) return std::nullopt;
  if constexpr (std::is_same_v<Show, ShowProduct>) {
    const auto* product = sources_.ledger.peek(show.sku);
    if (product != nullptr) return ProductReply{show.sku, *product, position};
  } else {
    const auto* order = sources_.ledger.peek(show.order);
    if (order != nullptr) return OrderReply{show.order, *order, position};
  }
  return std::nullopt;
}

// ---- answering
// ---------------------------------------------------------------------------------------------

awaitable<Reply> Queries::answer(Request request) {
  if (auto error = not_ready(request)) co_return std::move(*error);
  auto answered =
      std::visit(Overloaded{
                     [&](At& at) { return read_past(std::move(at)); },
                     [&](ShowOrderHistory& show) { return read_history(std::move(show)); },
                     [&](ShowHead&) { return say(head()); },
                     [&](SignHead&) { return say(SignedHeadReply{sources_.key.sign(sources_.log.head())}); },
                     [&](auto& other) {
                       if constexpr (requires { read_there(sources_, other, GlobalPosition()); }) {
                         return read_now(std::move(other));
                       } else {
                         return say(ErrorReply{ErrorCode::invalid_argument, "this is no question", false});
                       }
                     },
                 },
                 request);
  co_return co_await std::move(answered);
}

awaitable<Reply> Queries::say(Reply reply) const { co_return reply; }

std::optional<ErrorReply> Queries::not_ready(const Request& request) const {
  const std::string_view view = late_view_for(request);
  const auto progress = sources_.late_views.progress(view);
  if (!progress) return std::nullopt;
  const std::uint64_t percent =
      progress->at.value() * 100 / std::max<std::uint64_t>(progress->head.value(), 1);
  return ErrorReply{ErrorCode::view_not_ready,
                    "the view " + std::string(view) + " is being rebuilt, " + std::to_string(percent) +
                        " % done: try again",
                    false};
}

/// A row that is not in memory may have to come from disk, and many rows take long: both are read beside the
/// serving thread.
template <class Read>
awaitable<Reply> Queries::read_now(Read request) {
  const bool is_visible = co_await visible(request);
  if (!is_visible) co_return not_reached(named_by(request), sources_.head.position());
  if constexpr (kReadsOne<Read>) {
    if (auto reply = known(request)) co_return std::move(*reply);
  }
  const GlobalPosition at = sources_.ledger.position();
  auto read = co_await read_beside([&] { return read_there(sources_, request, at); });
  co_return reply_or_error(*this, std::move(read));
}

template <class Read>
auto Queries::read_beside(Read read) -> awaitable<decltype(read())> {
  co_return co_await asio::co_spawn(
      sources_.readers,
      [this, &read]() -> awaitable<decltype(read())> { co_return sources_.pace.take(read); },
      not_cancelled());
}

/// Waits for all that was acknowledged by now, and what the caller names.
template <class Read>
awaitable<bool> Queries::visible(const Read& request) {
  if constexpr (!requires { request.freshness; }) {
    co_return true;  // it reads the log, which ends with what was acknowledged
  } else {
    const Freshness& freshness = request.freshness;
    if (freshness.stale) co_return true;
    const auto deadline = std::chrono::steady_clock::now() + sources_.patience;
    const GlobalPosition named = named_by(request);
    if constexpr (kReadsOne<Read>) {
      co_return co_await sources_.head.wait(named,
                                            deadline);  // memory and view together are always at the head
    } else {
      const GlobalPosition wanted = std::max(sources_.head.position(), named);
      if (sources_.applied.position() < wanted) sources_.hurry();
      co_return co_await sources_.applied.wait(wanted, deadline);
    }
  }
}

/// The order's row has to hold its latest event, which memory knows, and no more: so a read of an order that
/// has not changed just now does not wait for the views.
awaitable<Reply> Queries::read_history(ShowOrderHistory request) {
  const auto deadline = std::chrono::steady_clock::now() + sources_.patience;
  const bool stale = request.freshness.stale;
  const bool is_reached = stale || co_await sources_.head.wait(named_by(request), deadline);
  const GlobalPosition at = sources_.ledger.position();
  const auto* known = stale ? nullptr : sources_.ledger.peek(request.order);
  const GlobalPosition changed_at = known != nullptr && *known ? (*known)->changed_at : GlobalPosition(0);
  if (sources_.applied.position() < changed_at) sources_.hurry();
  const bool is_visible = is_reached && co_await sources_.applied.wait(changed_at, deadline);
  if (!is_visible) co_return not_reached(named_by(request), sources_.head.position());
  const GlobalPosition as_of = stale ? GlobalPosition(0) : at;
  auto history = co_await read_beside([&] { return read(sources_.views, sources_.log, request, as_of); });
  co_return reply_or_error(*this, std::move(history));
}

/// The views need to hold what is asked for, which may be long past, and no more.
awaitable<Reply> Queries::read_past(At request) {
  const auto deadline = std::chrono::steady_clock::now() + sources_.patience;
  const GlobalPosition named = std::visit([](const auto& read) { return named_by(read); }, request.read);
  bool is_there = co_await sources_.head.wait(named, deadline);
  const GlobalPosition head = sources_.head.position();
  const auto* position = std::get_if<GlobalPosition>(&request.moment);
  if (is_there && position != nullptr && *position > head) {
    co_return ErrorReply{ErrorCode::invalid_argument,
                         "at: position " + std::to_string(position->value()) +
                             " is beyond the end of the log, " + std::to_string(head.value()),
                         false};
  }
  if (is_there) {
    const GlobalPosition wanted = position == nullptr ? head : *position;
    if (sources_.applied.position() < wanted) sources_.hurry();
    is_there = co_await sources_.applied.wait(wanted, deadline);
  }
  if (!is_there) co_return not_reached(named, head);
  auto answer = co_await read_beside([&] { return read(sources_.past, sources_.log, request, head); });
  co_return reply_or_error(*this, std::move(answer));
}

awaitable<std::optional<ErrorReply>> Queries::wait_for(GlobalPosition position) {
  const bool there =
      co_await sources_.head.wait(position, std::chrono::steady_clock::now() + sources_.patience);
  if (!there) co_return not_reached(position, sources_.head.position());
  co_return std::nullopt;
}

std::optional<ErrorReply> Queries::beyond_the_end(GlobalPosition from) const {
  const GlobalPosition head = sources_.head.position();
  if (from <= head.next()) return std::nullopt;
  return ErrorReply{ErrorCode::invalid_argument,
                    "from: position " + std::to_string(from.value()) + " is beyond the end of the log, " +
                        std::to_string(head.value()) +
                        ": it is of another life of the log, or the log has lost what was there",
                    false};
}

awaitable<std::optional<Reply>> Queries::next_events(const FollowTypes& request, GlobalPosition from,
                                                     std::chrono::steady_clock::time_point until) {
  const bool is_there = co_await sources_.head.wait(from, until);
  if (!is_there && sources_.head.closed()) co_return std::nullopt;
  if (!is_there) co_return EventsReply{{}, from, sources_.head.position()};
  auto events = co_await read_beside([&] { return follow(sources_.log, request, from); });
  co_return reply_or_error(*this, std::move(events));
}

ErrorReply Queries::failed(const Fault& fault) const {
  sources_.failed(fault);
  const std::string detail = "the store could not be read: " + fault.what;
  return {ErrorCode::outcome_unknown, detail.substr(0, kMaxDetailBytes), false};
}

HeadReply Queries::head() const {
  const Head head = sources_.log.head();
  return {.ledger = head.ledger,
          .epoch = head.epoch,
          .position = head.position,
          .hash = head.hash,
          .time = head.time,
          .views = sources_.applied.position()};
}

}  // namespace stockfold
