// RapidCheck generators of every message of the protocol.
#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/messages.h"
#include "support/any_id.h"

namespace stockfold::any {

inline bool flag() { return *rc::gen::arbitrary<bool>(); }
/// Small numbers as well as those at the edges of the coding.
inline std::uint64_t number(std::uint64_t max) {
  const unsigned bits = *rc::gen::inRange(0U, 64U);
  return std::min(max, *rc::gen::arbitrary<std::uint64_t>() >> bits);
}
inline std::uint64_t number() { return number(std::numeric_limits<std::uint64_t>::max()); }
inline std::uint32_t number32() {
  return static_cast<std::uint32_t>(number(std::numeric_limits<std::uint32_t>::max()));
}
inline std::uint64_t positive(std::uint64_t max) { return number(max - 1) + 1; }
inline Quantity quantity() { return static_cast<Quantity>(positive(kMaxQuantity)); }
inline GlobalPosition position() { return GlobalPosition(number()); }
inline StreamVersion version() { return StreamVersion(number()); }
inline UnixMillis time() {
  return UnixMillis(static_cast<std::int64_t>(number(std::numeric_limits<std::int64_t>::max())));
}

inline std::string text(std::size_t max_bytes) {
  auto bytes = *rc::gen::string<std::string>();
  bytes.resize(std::min(bytes.size(), max_bytes));
  return bytes;
}

/// The same, for texts that must be UTF-8.
inline std::string ascii(std::size_t max_bytes) {
  std::string ascii = text(max_bytes);
  for (char& c : ascii) c = static_cast<char>(c & 0x7F);
  return ascii;
}

template <class Id>
Id id() {
  return Id::parse(any::id_text()).value();
}
inline Sku sku() { return id<Sku>(); }
inline OrderId order_id() { return id<OrderId>(); }

template <class Value>
Value bytes() {
  Value value;
  for (auto& byte : value.bytes) byte = *rc::gen::arbitrary<std::uint8_t>();
  return value;
}

template <class Make>
auto maybe(const Make& make) -> std::optional<decltype(make())> {
  if (flag()) return make();
  return std::nullopt;
}
template <class Make>
auto some(std::size_t at_least, std::size_t at_most, const Make& make) {
  std::vector<decltype(make())> all(*rc::gen::inRange(at_least, at_most + 1));
  for (auto& one : all) one = make();
  return all;
}

/// As they are sent: unsorted, and with quantities that the ledger will refuse.
inline Lines raw_lines() {
  return some(0, 5, [] { return Line{sku(), number32()}; });
}
/// As they are stored.
template <class AnyLine, class Make>
std::vector<AnyLine> sorted_lines(const Make& make) {
  auto lines = some(1, 5, make);
  std::ranges::sort(lines, {}, &AnyLine::sku);
  const auto same = std::ranges::unique(lines, {}, &AnyLine::sku);
  lines.erase(same.begin(), same.end());
  return lines;
}
inline Lines lines() {
  return sorted_lines<Line>([] { return Line{sku(), quantity()}; });
}
inline StockedLines stocked_lines(bool moved = true) {
  return sorted_lines<StockedLine>([moved] {
    if (!moved) return StockedLine{sku(), quantity(), 0, StreamVersion(0)};
    return StockedLine{sku(), quantity(), number(kMaxUnits), StreamVersion(positive(kMaxUnits))};
  });
}

inline OrderStatus status() {
  return *rc::gen::element(OrderStatus::draft, OrderStatus::in_progress, OrderStatus::aborted,
                           OrderStatus::fulfilled);
}
inline StreamId stream() { return flag() ? StreamId::of(sku()) : StreamId::of(order_id()); }

inline Product product() {
  Product product;
  product.name = text(kMaxNameBytes);
  product.written_off = number(kMaxUnits / 4);
  product.in_progress = number(kMaxUnits / 4);
  product.fulfilled = number(kMaxUnits / 4);
  product.received = product.written_off + product.in_progress + product.fulfilled + number(kMaxUnits / 4);
  product.retired = flag();
  product.version = version();
  product.registered_at = position();
  product.retired_at = position();
  product.changed_at = position();
  return product;
}
inline Order order() { return {status(), lines(), version(), position(), text(kMaxActorBytes)}; }

inline Rule rule() { return static_cast<Rule>(*rc::gen::inRange(1, static_cast<int>(kLastRule) + 1)); }
inline ErrorCode error_code() {
  return *rc::gen::elementOf(std::vector(kAllErrorCodes.begin(), kAllErrorCodes.end()));
}
inline ExpectedVersion expected() {
  return flag() ? ExpectedVersion::any() : ExpectedVersion::exactly(StreamVersion(number(kMaxUnits)));
}
inline Refusal refusal() {
  Refusal refusal;
  refusal.rule = rule();
  refusal.subject = maybe(stream);
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
  refusal.obstacle = maybe(position);
  refusal.expected = expected();
  if (refusal.subject) refusal.actual = version();
  refusal.requested = number();
  refusal.detail = text(200);
  return refusal;
}

inline CommandBody body() {
  switch (*rc::gen::inRange(1, 9)) {
    case 1:
      return RegisterProduct{sku(), text(300), number()};
    case 2:
      return ReceiveStock{sku(), number32(), text(600)};
    case 3:
      return WriteOffStock{sku(), number32(), text(600)};
    case 4:
      return RetireProduct{sku()};
    case 5:
      return DraftOrder{maybe(order_id), raw_lines()};
    case 6:
      return PlaceOrder{maybe(order_id), raw_lines()};
    case 7:
      return AbortOrder{order_id(), text(600)};
    default:
      return FulfilOrder{order_id(), text(600)};
  }
}
inline Command command() {
  return {body(), expected(), maybe([] { return CommandIdentity{bytes<CommandId>(), BodyHash{}}; }),
          text(200)};
}

inline Event event() {
  switch (*rc::gen::inRange(1, 10)) {
    case 1:
      return ProductRegistered{sku(), text(kMaxNameBytes), number(kMaxUnits)};
    case 2:
      return StockReceived{sku(), quantity(), number(kMaxUnits), text(kMaxReasonBytes)};
    case 3:
      return StockWrittenOff{sku(), quantity(), number(kMaxUnits), text(kMaxReasonBytes)};
    case 4:
      return ProductRetired{sku(), number(kMaxUnits)};
    case 5:
      return OrderDrafted{order_id(), lines()};
    case 6:
      return OrderPlaced{order_id(), stocked_lines()};
    case 7: {
      const bool was_draft = flag();
      return OrderAborted{order_id(), was_draft, stocked_lines(!was_draft), text(kMaxReasonBytes)};
    }
    case 8:
      return OrderFulfilled{order_id(), stocked_lines(), text(kMaxReasonBytes)};
    default:
      return CommandRefused{static_cast<CommandKind>(*rc::gen::inRange(1, 9)), refusal()};
  }
}
inline RecordedEvent recorded_event() {
  RecordedEvent recorded;
  recorded.position = position();
  recorded.time = time();
  recorded.event = event();
  if (!std::holds_alternative<CommandRefused>(recorded.event))
    recorded.version = StreamVersion(positive(kMaxUnits));
  recorded.identity = maybe([] { return CommandIdentity{bytes<CommandId>(), bytes<BodyHash>()}; });
  recorded.actor = text(kMaxActorBytes);
  return recorded;
}

inline Accepted accepted() {
  return {stream(),   maybe(status), version(),
          position(), time(),        some(0, 5, [] { return StockOf{sku(), number(kMaxUnits)}; })};
}
inline Answer answer() {
  if (flag()) return {accepted(), flag()};
  if (flag()) return {Failure(error_code(), text(kMaxDetailBytes)), flag()};
  return {refusal(), flag()};
}

inline Freshness freshness() { return {maybe(position), flag()}; }
inline std::uint32_t limit() { return static_cast<std::uint32_t>(positive(kMaxPageRows)); }

inline Day day() { return Day(number32()); }
inline DayMovements day_movements() {
  return {day(), {number(), number(), number(), number(), number(), number()}};
}

inline ZoneDayMovements zone_day_movements() {
  ZoneDayMovements row{day(), time(), time(), day_movements().sums};
  row.sums.returned = number();
  row.sums.counted_up = number();
  row.sums.counted_down = number();
  row.sums.transferred_in = number();
  row.sums.transferred_out = number();
  return row;
}

inline Moment moment() { return flag() ? Moment(position()) : Moment(time()); }
inline At at() {
  switch (*rc::gen::inRange(1, 5)) {
    case 1:
      return {moment(), ShowProduct{sku(), freshness()}};
    case 2:
      return {moment(), ShowOrder{order_id(), freshness()}};
    case 3:
      return {moment(), ListProducts{maybe(sku), limit(), freshness()}};
    default:
      return {moment(), ListOrders{maybe(order_id), limit(), maybe(status), maybe(sku), freshness()}};
  }
}

inline RebuiltReply rebuilt_reply() {
  const auto row = [] { return text(kMaxShownBytes); };
  const auto difference = [row] { return RebuiltReply::Difference{text(100), maybe(row), maybe(row)}; };
  return {text(100),
          position(),
          number(),
          bytes<ViewDigest>(),
          static_cast<RebuiltReply::Finding>(positive(3)),
          maybe([] { return bytes<ViewDigest>(); }),
          maybe(difference),
          text(1'000)};
}

inline std::vector<EventType> event_types() {
  std::vector<EventType> types;
  for (std::uint8_t number = 1; number <= static_cast<std::uint8_t>(EventType::command_refused); ++number) {
    if (*rc::gen::arbitrary<bool>()) types.push_back(static_cast<EventType>(number));
  }
  if (types.empty()) types.push_back(EventType::order_placed);
  return types;
}

inline Request request() {
  switch (*rc::gen::inRange(1, 22)) {
    case 1:
      return ClientHello{number32(), number32(), ascii(kMaxClientNameBytes)};
    case 2:
      return CommandRequest{command()};
    case 3:
      return ShowProduct{sku(), freshness()};
    case 4:
      return ShowOrder{order_id(), freshness()};
    case 5:
      return ListProducts{maybe(sku), limit(), freshness()};
    case 6:
      return ListOrders{maybe(order_id), limit(), maybe(status), maybe(sku), freshness()};
    case 7:
      return ReadEvents{position(), maybe(position), maybe(stream), limit(), freshness()};
    case 8:
      return FollowEvents{position(), maybe(stream)};
    case 9:
      return at();
    case 10:
      return FindPosition{time()};
    case 11:
      return ReadCommits{position(), maybe(position), limit()};
    case 12:
      return Rebuild{text(100)};
    case 13:
      return SignHead{};
    case 14:
      return ReadMovements{sku(), maybe(day), maybe(day), limit(), freshness()};
    case 15:
      return MakeCheckpoint{};
    case 19:
      return ShowOrderHistory{order_id(), freshness()};
    case 18:
      return ReadZoneMovements{sku(), ascii(kMaxZoneBytes), maybe(day), maybe(day), limit(), freshness()};
    case 21:
      return CommandBatch{some(1, 4, command), flag()};
    case 17:
      return LogIn{text(kMaxTokenBytes)};
    case 16:
      return FollowTypes{{position(), maybe(stream)}, event_types()};
    default:
      return ShowHead{};
  }
}
inline OrderStep order_step() { return {position(), event_types().front(), time(), text(kMaxActorBytes)}; }
inline Reply reply() {
  switch (*rc::gen::inRange(1, 21)) {
    case 1:
      return ServerHello{number32(), bytes<LedgerId>(), Epoch(number32()), position(),
                         number32(), number32(),        text(200)};
    case 2:
      return CommandReply{answer()};
    case 3:
      return ProductReply{sku(), maybe(product), position()};
    case 4:
      return OrderReply{order_id(), maybe(order), position()};
    case 5:
      return ProductsReply{some(0, 4, [] { return std::pair(sku(), product()); }), maybe(sku), position()};
    case 6:
      return OrdersReply{some(0, 4, [] { return std::pair(order_id(), order()); }), maybe(order_id),
                         position()};
    case 7:
      return EventsReply{some(0, 4, recorded_event), maybe(position), position()};
    case 8:
      return HeadReply{bytes<LedgerId>(), Epoch(number32()), position(), bytes<CommitHash>(), time(),
                       position()};
    case 9:
      return PositionReply{position()};
    case 10:
      return CommitsReply{time(), some(0, 4, recorded_event),
                          some(0, 4, [] { return CommitExtent{position(), number32(), Epoch(number32())}; }),
                          maybe(position), position()};
    case 11:
      return RebuildingReply{position(), position()};
    case 12:
      return rebuilt_reply();
    case 13:
      return SignedHeadReply{{{bytes<LedgerId>(), Epoch(number32()), position(), bytes<CommitHash>(), time()},
                              bytes<PublicKey>(),
                              bytes<Signature>()}};
    case 14:
      return MovementsReply{sku(), some(0, 4, day_movements), maybe(day), position()};
    case 18:
      return OrderHistoryReply{order_id(), maybe(order), some(0, 4, order_step), position()};
    case 17:
      return ZoneMovementsReply{sku(),      flag(),    text(kMaxZoneBytes), some(0, 4, zone_day_movements),
                                maybe(day), position()};
    case 16:
      return LoggedIn{text(100), *Scopes::of_bits(*rc::gen::inRange(0U, 8U))};
    case 20:
      return BatchReply{some(0, 4, answer), flag()};
    case 15:
      return CheckpointReply{text(1'000), position()};
    default:
      return ErrorReply{error_code(), text(1'000), flag()};
  }
}

inline rc::Gen<RequestMessage> request_messages() {
  return rc::gen::exec([] { return RequestMessage{number(), request()}; });
}
inline rc::Gen<ReplyMessage> reply_messages() {
  return rc::gen::exec([] { return ReplyMessage{number(), reply()}; });
}

}  // namespace stockfold::any

namespace stockfold {

/// What a failing property prints: the message's frame.
template <class Encode, class Message>
void show_frame(const Encode& encode, const Message& message, std::ostream& out) {
  std::string frame;
  encode(message, frame, kProtocolVersion);
  for (const char byte : frame) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const auto value = static_cast<std::uint8_t>(byte);
    out << kDigits[value >> 4U] << kDigits[value & 0xFU];
  }
}
inline void showValue(const RequestMessage& message, std::ostream& out) {
  show_frame(encode_request, message, out);
}
inline void showValue(const ReplyMessage& message, std::ostream& out) {
  show_frame(encode_reply, message, out);
}

}  // namespace stockfold
