#include "server/queries/reads.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <utility>
#include <variant>

#include "core/overloaded.h"
#include "projections/event_reader.h"
#include "projections/position_at.h"
#include "protocol/frame.h"

namespace stockfold {
namespace {

/// Of a reply, by the upper bounds below; leaves room for the largest single row or event.
constexpr std::size_t kReplyBytes = kMaxFrameBytes / 2;
/// How far a subscription reads before it answers, found or not.
constexpr std::uint64_t kFollowStride = 65'536;

/// What a row or an event takes on the wire at most: 64 for an id, 10 for a number.
constexpr std::size_t kLineBytes = 96;
constexpr std::size_t kRowBytes = 512;

std::size_t wire_bytes(const Product&) { return kRowBytes; }
std::size_t wire_bytes(const Order& order) { return kRowBytes + order.lines.size() * kLineBytes; }

std::size_t wire_bytes(const RecordedEvent& event) {
  constexpr std::size_t kEventBytes = 1'536;
  return kEventBytes + std::visit(Overloaded{
                                      [](const CommandRefused& refused) {
                                        const auto* order = std::get_if<Order>(&refused.refusal.state);
                                        return kRowBytes + (order == nullptr ? 0 : wire_bytes(*order));
                                      },
                                      [](const auto& other) {
                                        if constexpr (requires { other.lines; }) {
                                          return other.lines.size() * kLineBytes;
                                        } else {
                                          return std::size_t{0};
                                        }
                                      },
                                  },
                                  event.event);
}

/// How many of the rows fit one reply; at least one.
template <class Rows, class State>
std::size_t fitting(const Rows& rows, State state_of) {
  std::size_t bytes = 0;
  std::size_t count = 0;
  for (const auto& row : rows) {
    bytes += wire_bytes(state_of(row));
    if (count > 0 && bytes > kReplyBytes) break;
    ++count;
  }
  return count;
}

/// Gathers events until a reply is full.
class EventPage {
 public:
  explicit EventPage(std::size_t limit) : limit_(limit) {}

  [[nodiscard]] bool takes(const RecordedEvent& event) const {
    return reply_.events.empty() ||
           (reply_.events.size() < limit_ && bytes_ + wire_bytes(event) <= kReplyBytes);
  }
  void add(const RecordedEvent& event) {
    bytes_ += wire_bytes(event);
    reply_.events.push_back(event);
  }
  EventsReply finish(std::optional<GlobalPosition> next, GlobalPosition head) && {
    reply_.next = next;
    reply_.head = head;
    return std::move(reply_);
  }

 private:
  std::size_t limit_;
  std::size_t bytes_ = 0;
  EventsReply reply_;
};

bool is_in(const RecordedEvent& event, const std::optional<StreamId>& stream) {
  if (!stream) return true;
  const auto entries = streams_of(event);
  return std::ranges::any_of(entries, [&](const StreamEntry& entry) { return entry.stream == *stream; });
}

/// All events of [from, to], as many as a reply takes.
Result<EventsReply> read_log(const EventLog& log, GlobalPosition from, GlobalPosition to, std::size_t limit,
                             GlobalPosition head) {
  EventPage page(limit);
  const auto cursor = log.read(from);
  while (from <= to) {
    auto commit = cursor->next();
    if (!commit) return std::unexpected(std::move(commit.error()));
    if (*commit == nullptr) break;
    for (const RecordedEvent& event : (*commit)->events) {
      if (event.position < from) continue;
      if (event.position > to) break;
      if (!page.takes(event)) return std::move(page).finish(event.position, head);
      page.add(event);
    }
    from = (*commit)->last().next();
  }
  return std::move(page).finish(std::nullopt, head);
}

/// The events of one stream in [from, to], as many as a reply takes.
Result<EventsReply> read_stream(const Views& views, const EventLog& log, const ReadEvents& request,
                                GlobalPosition to, GlobalPosition head) {
  auto positions = views.stream(*request.stream, request.from, std::size_t{request.limit} + 1);
  if (!positions) return std::unexpected(std::move(positions.error()));
  EventPage page(request.limit);
  EventReader events(log);
  for (const GlobalPosition position : *positions) {
    if (position > to) break;
    auto event = events.read(position);
    if (!event) return std::unexpected(std::move(event.error()));
    if (!page.takes(**event)) return std::move(page).finish(position, head);
    page.add(**event);
  }
  return std::move(page).finish(std::nullopt, head);
}

/// As many of the rows as a reply takes.
ProductsReply reply_of(ProductPage page) {
  const auto count = fitting(page.rows, [](const ProductRow& row) -> const Product& { return row.product; });
  ProductsReply reply{.rows = {}, .next = page.next, .as_of = page.as_of};
  if (count < page.rows.size()) reply.next = page.rows[count].sku;
  for (std::size_t i = 0; i < count; ++i)
    reply.rows.emplace_back(page.rows[i].sku, std::move(page.rows[i].product));
  return reply;
}

OrdersReply reply_of(OrderPage page) {
  const auto count = fitting(page.rows, [](const OrderRow& row) -> const Order& { return row.state; });
  OrdersReply reply{.rows = {}, .next = page.next, .as_of = page.as_of};
  if (count < page.rows.size()) reply.next = page.rows[count].order;
  for (std::size_t i = 0; i < count; ++i)
    reply.rows.emplace_back(page.rows[i].order, std::move(page.rows[i].state));
  return reply;
}

// ---- the state as it was ----------------------------------------------------------------------------------

/// Which of an order's events a history has: all, or the first and the last ones.
void shorten(std::vector<GlobalPosition>& positions) {
  if (positions.size() <= kMaxPageRows) return;
  const auto first = positions.begin() + kFirstSteps;
  positions.erase(first, first + static_cast<std::ptrdiff_t>(positions.size() - kMaxPageRows));
}

Result<OrderHistoryReply> history_of(const EventLog& log, const OrderId& id, std::optional<OrderEvents> found,
                                     GlobalPosition as_of) {
  OrderHistoryReply reply{id, std::nullopt, {}, as_of};
  if (!found) return reply;
  shorten(found->positions);
  EventReader events(log);
  for (const GlobalPosition position : found->positions) {
    auto event = events.read(position);
    if (!event) return std::unexpected(std::move(event.error()));
    reply.steps.push_back({position, type_of((*event)->event), (*event)->time, (*event)->actor});
  }
  reply.state = std::move(found->order);
  return reply;
}

Result<Reply> read_at(const Past& past, const EventLog& log, const ShowOrderHistory& request,
                      GlobalPosition at) {
  auto found = past.order_events(request.order, at);
  if (!found) return std::unexpected(std::move(found.error()));
  auto reply = history_of(log, request.order, std::move(*found), at);
  if (!reply) return std::unexpected(std::move(reply.error()));
  return std::move(*reply);
}

Result<Reply> read_at(const Past& past, const EventLog& /*log*/, const ShowProduct& request,
                      GlobalPosition at) {
  auto product = past.product(request.sku, at);
  if (!product) return std::unexpected(std::move(product.error()));
  return ProductReply{request.sku, std::move(*product), at};
}

Result<Reply> read_at(const Past& past, const EventLog& /*log*/, const ShowOrder& request,
                      GlobalPosition at) {
  auto order = past.order(request.order, at);
  if (!order) return std::unexpected(std::move(order.error()));
  return OrderReply{request.order, std::move(*order), at};
}

Result<Reply> read_at(const Past& past, const EventLog& /*log*/, const ListProducts& request,
                      GlobalPosition at) {
  auto page = past.products(request.from, request.limit, at);
  if (!page) return std::unexpected(std::move(page.error()));
  return reply_of(std::move(*page));
}

Result<Reply> read_at(const Past& past, const EventLog& /*log*/, const ListOrders& request,
                      GlobalPosition at) {
  auto page =
      past.orders(request.from, request.limit, {.status = request.status, .product = request.product}, at);
  if (!page) return std::unexpected(std::move(page.error()));
  return reply_of(std::move(*page));
}

}  // namespace

Result<ProductReply> read(const Views& views, const ShowProduct& request, GlobalPosition at) {
  auto found = views.product(request.sku);
  if (!found) return std::unexpected(std::move(found.error()));
  return ProductReply{request.sku, std::move(found->state), std::max(found->as_of, at)};
}

Result<OrderReply> read(const Views& views, const ShowOrder& request, GlobalPosition at) {
  auto found = views.order(request.order);
  if (!found) return std::unexpected(std::move(found.error()));
  return OrderReply{request.order, std::move(found->state), std::max(found->as_of, at)};
}

Result<OrderHistoryReply> read(const Views& views, const EventLog& log, const ShowOrderHistory& request,
                               GlobalPosition at) {
  auto found = views.order_events(request.order);
  if (!found) return std::unexpected(std::move(found.error()));
  return history_of(log, request.order, std::move(found->state), std::max(found->as_of, at));
}

Result<ProductsReply> read(const Views& views, const ListProducts& request) {
  auto page = views.products(request.from, request.limit);
  if (!page) return std::unexpected(std::move(page.error()));
  return reply_of(std::move(*page));
}

Result<OrdersReply> read(const Views& views, const ListOrders& request) {
  auto page =
      views.orders(request.from, request.limit, {.status = request.status, .product = request.product});
  if (!page) return std::unexpected(std::move(page.error()));
  return reply_of(std::move(*page));
}

Result<MovementsReply> read(const Views& views, const ReadMovements& request) {
  constexpr Day kLast(std::numeric_limits<Day::rep>::max());
  auto page =
      views.movements(request.sku, request.from.value_or(Day(0)), request.to.value_or(kLast), request.limit);
  if (!page) return std::unexpected(std::move(page.error()));
  return MovementsReply{request.sku, std::move(page->rows), page->next, page->as_of};
}

Result<EventsReply> read(const Views& views, const EventLog& log, const ReadEvents& request) {
  const GlobalPosition head = log.head().position;
  const GlobalPosition to = std::min(request.to.value_or(head), head);
  const GlobalPosition from = std::max(request.from, GlobalPosition(1));
  if (!request.stream) return read_log(log, from, to, request.limit, head);
  return read_stream(views, log, request, to, head);
}

Result<Reply> read(const Past& past, const EventLog& log, const At& request, GlobalPosition head) {
  auto at = std::visit(Overloaded{
                           [](GlobalPosition position) { return Result<GlobalPosition>(position); },
                           [&](UnixMillis time) { return position_at(log, time, head); },
                       },
                       request.moment);
  if (!at) return std::unexpected(std::move(at.error()));
  return std::visit([&](const auto& read) { return read_at(past, log, read, *at); }, request.read);
}

Result<PositionReply> read(const EventLog& log, const FindPosition& request) {
  auto position = position_at(log, request.time, log.head().position);
  if (!position) return std::unexpected(std::move(position.error()));
  return PositionReply{*position};
}

Result<CommitsReply> read(const EventLog& log, const ReadCommits& request) {
  const GlobalPosition head = log.head().position;
  const GlobalPosition to = std::min(request.to.value_or(head), head);
  EventPage page(request.limit);
  std::vector<CommitExtent> commits;
  const auto finish = [&](std::optional<GlobalPosition> next) {
    EventsReply events = std::move(page).finish(next, head);
    return CommitsReply{log.created(), std::move(events.events), std::move(commits), next, head};
  };
  GlobalPosition from = std::max(request.from, GlobalPosition(1));
  const auto cursor = log.read(from);
  while (from <= to) {
    auto commit = cursor->next();
    if (!commit) return std::unexpected(std::move(commit.error()));
    if (*commit == nullptr) break;
    const auto& events = (*commit)->events;
    for (const RecordedEvent& event : events) {
      if (event.position < from) continue;
      if (event.position > to) break;
      if (!page.takes(event)) return finish(event.position);
      if (commits.empty() || commits.back().first != (*commit)->first()) {
        commits.push_back({(*commit)->first(), static_cast<std::uint32_t>(events.size()), (*commit)->epoch});
      }
      page.add(event);
    }
    from = (*commit)->last().next();
  }
  return finish(std::nullopt);
}

bool is_one_of(const RecordedEvent& event, const std::vector<EventType>& types) {
  return types.empty() || std::ranges::find(types, type_of(event.event)) != types.end();
}

Result<EventsReply> follow(const EventLog& log, const FollowTypes& request, GlobalPosition from) {
  const GlobalPosition head = log.head().position;
  EventPage page(kMaxPageRows);
  const auto cursor = log.read(from);
  const GlobalPosition stop = from.plus(kFollowStride);
  while (from <= head && from < stop) {
    auto commit = cursor->next();
    if (!commit) return std::unexpected(std::move(commit.error()));
    if (*commit == nullptr) break;
    for (const RecordedEvent& event : (*commit)->events) {
      const bool wanted = is_in(event, request.events.stream) && is_one_of(event, request.types);
      if (event.position < from || !wanted) continue;
      if (!page.takes(event)) return std::move(page).finish(event.position, head);
      page.add(event);
    }
    from = (*commit)->last().next();
  }
  return std::move(page).finish(from, head);
}

}  // namespace stockfold
