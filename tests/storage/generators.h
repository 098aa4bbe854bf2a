// Any event that a ledger could have recorded, for properties.
#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/event.h"
#include "core/outcome.h"
#include "core/state.h"
#include "storage/codec/state_codec.h"
#include "support/any_id.h"

namespace stockfold::any {

template <class Number>
Number number(Number low, Number high) {
  // Codings fail at extreme values.
  return *rc::gen::weightedOneOf<Number>(
      {{1, rc::gen::element(low, high)}, {3, rc::gen::map(rc::gen::arbitrary<std::uint64_t>(), [=](auto raw) {
                                            const auto span = static_cast<std::uint64_t>(high - low);
                                            const auto offset = span + 1 == 0 ? raw : raw % (span + 1);
                                            return static_cast<Number>(low + static_cast<Number>(offset));
                                          })}});
}

inline std::string text(std::size_t max) {
  const auto size = *rc::gen::inRange<std::size_t>(0, max + 1);
  return *rc::gen::container<std::string>(size, rc::gen::arbitrary<char>());
}

template <class Id>
Id id() {
  return *Id::parse(id_text());
}

template <class Raw>
Raw bytes() {
  Raw raw;
  const auto drawn =
      *rc::gen::container<std::vector<std::uint8_t>>(Raw::kSize, rc::gen::arbitrary<std::uint8_t>());
  std::ranges::copy(drawn, raw.bytes.begin());
  return raw;
}

inline Quantity quantity() { return number<Quantity>(1, kMaxQuantity); }
inline Units units() { return number<Units>(0, kMaxUnits); }
inline StreamVersion version() {
  return StreamVersion(number<std::uint64_t>(1, std::numeric_limits<std::uint64_t>::max()));
}
inline GlobalPosition position() {
  return GlobalPosition(number<std::uint64_t>(0, std::numeric_limits<std::uint64_t>::max()));
}

inline std::set<Sku> skus() {
  std::set<Sku> skus;
  const auto count = *rc::gen::inRange<std::size_t>(1, 8);
  while (skus.size() < count) skus.insert(id<Sku>());
  return skus;
}

inline Lines lines() {
  Lines lines;
  for (const Sku& sku : skus()) lines.push_back({sku, quantity()});
  return lines;
}

inline StockedLines stocked_lines() {
  StockedLines lines;
  for (const Sku& sku : skus()) lines.push_back({sku, quantity(), units(), version()});
  return lines;
}

inline Product product() {
  Product product;
  product.name = text(kMaxNameBytes);
  product.received = units();
  product.written_off = number<Units>(0, product.received);
  product.in_progress = number<Units>(0, product.received - product.written_off);
  product.fulfilled = number<Units>(0, product.received - product.written_off - product.in_progress);
  product.retired = *rc::gen::arbitrary<bool>();
  product.version = version();
  product.registered_at = position();
  product.retired_at = position();
  product.changed_at = position();
  return product;
}

inline Order order() {
  Order order;
  order.status = *rc::gen::element(OrderStatus::draft, OrderStatus::in_progress, OrderStatus::aborted,
                                   OrderStatus::fulfilled);
  order.lines = lines();
  order.version = version();
  order.changed_at = position();
  order.changed_by = text(kMaxActorBytes);
  return order;
}

inline StoredOrder stored_order() {
  StoredOrder stored{order(), {}};
  stored.order.version = StreamVersion(number<std::uint64_t>(1, 3));
  stored.order.changed_at = GlobalPosition(number<std::uint64_t>(3, std::uint64_t{1} << 60U));
  std::uint64_t after = stored.order.changed_at.value();
  for (std::uint64_t i = stored.order.version.value() - 1; i > 0; --i) {
    after = number<std::uint64_t>(i, after - 1);
    stored.earlier[i - 1] = GlobalPosition(after);
  }
  return stored;
}

inline Refusal refusal() {
  Refusal refusal;
  refusal.rule = static_cast<Rule>(*rc::gen::inRange<int>(1, static_cast<int>(kLastRule) + 1));
  if (*rc::gen::arbitrary<bool>()) refusal.subject = StreamId::of(id<OrderId>());
  switch (*rc::gen::inRange(0, 3)) {
    case 1:
      refusal.state = product();
      break;
    case 2:
      refusal.state = order();
      break;
    default:
      break;
  }
  if (*rc::gen::arbitrary<bool>()) refusal.obstacle = position();
  if (*rc::gen::arbitrary<bool>())
    refusal.expected = ExpectedVersion::exactly(StreamVersion(number<std::uint64_t>(0, 1'000'000)));
  if (refusal.subject) refusal.actual = StreamVersion(number<std::uint64_t>(0, 1'000'000));
  refusal.requested = units();
  refusal.detail = text(kMaxReasonBytes);
  return refusal;
}

inline OrderAborted order_aborted() {
  OrderAborted event{id<OrderId>(), *rc::gen::arbitrary<bool>(), stocked_lines(), text(kMaxReasonBytes)};
  if (!event.was_draft) return event;
  for (StockedLine& line : event.lines) {
    line.stock_after = 0;
    line.version = StreamVersion(0);
  }
  return event;
}

inline Event event() {
  switch (static_cast<EventType>(*rc::gen::inRange<int>(1, 10))) {
    case EventType::product_registered:
      return ProductRegistered{id<Sku>(), text(kMaxNameBytes), units()};
    case EventType::stock_received:
      return StockReceived{id<Sku>(), quantity(), units(), text(kMaxReasonBytes)};
    case EventType::stock_written_off:
      return StockWrittenOff{id<Sku>(), quantity(), units(), text(kMaxReasonBytes)};
    case EventType::product_retired:
      return ProductRetired{id<Sku>(), units()};
    case EventType::order_drafted:
      return OrderDrafted{id<OrderId>(), lines()};
    case EventType::order_placed:
      return OrderPlaced{id<OrderId>(), stocked_lines()};
    case EventType::order_aborted:
      return order_aborted();
    case EventType::order_fulfilled:
      return OrderFulfilled{id<OrderId>(), stocked_lines(), text(kMaxReasonBytes)};
    case EventType::command_refused:
      break;
  }
  return CommandRefused{static_cast<CommandKind>(*rc::gen::inRange<int>(1, 9)), refusal()};
}

inline RecordedEvent recorded(GlobalPosition at, UnixMillis time) {
  RecordedEvent recorded;
  recorded.position = at;
  recorded.time = time;
  recorded.event = event();
  if (!std::holds_alternative<CommandRefused>(recorded.event)) recorded.version = version();
  if (*rc::gen::arbitrary<bool>()) recorded.identity = CommandIdentity{bytes<CommandId>(), bytes<BodyHash>()};
  recorded.actor = text(kMaxActorBytes);
  return recorded;
}

inline MovementSums movement_sums() {
  MovementSums sums{units(), units(), units(), units(), units(), number<std::uint64_t>(1, kMaxUnits)};
  if (*rc::gen::arbitrary<bool>()) return sums;
  sums.returned = units();
  sums.counted_up = units();
  sums.counted_down = units();
  sums.transferred_in = units();
  sums.transferred_out = units();
  return sums;
}
inline Receipt receipt() { return {bytes<BodyHash>(), position()}; }

}  // namespace stockfold::any
