// The domain's types through an archive, field by field. Only this file defines the order of fields on disk
// and on the wire. The order changes only with the version of an event, a projection or the protocol; golden
// files check it. Only .cc files include this header.
#pragma once

#include <algorithm>
#include <cereal/cereal.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>

#include "core/command.h"
#include "core/event.h"
#include "core/ids.h"
#include "core/movements.h"
#include "core/numbers.h"
#include "core/outcome.h"
#include "core/refusal.h"
#include "core/state.h"
#include "storage/codec/bounded_archive.h"

namespace stockfold {

// ---- numbers and names ------------------------------------------------------------------------------------

template <class Tag, class Rep>
  requires std::is_unsigned_v<Rep>
void save(BoundedOutput& archive, const Strong<Tag, Rep>& strong) {
  archive.put_number(strong.value());
}
template <class Tag, class Rep>
  requires std::is_unsigned_v<Rep>
void load(BoundedInput& archive, Strong<Tag, Rep>& strong) {
  strong = Strong<Tag, Rep>(static_cast<Rep>(archive.take_number(std::numeric_limits<Rep>::max())));
}

/// Every encoded time is at or after 1970.
inline void save(BoundedOutput& archive, const UnixMillis& time) {
  archive.put_number(static_cast<std::uint64_t>(time.value()));
}
inline void load(BoundedInput& archive, UnixMillis& time) {
  time = UnixMillis(static_cast<std::int64_t>(archive.take_number(std::numeric_limits<std::int64_t>::max())));
}

template <class Tag>
void save(BoundedOutput& archive, const Identifier<Tag>& id) {
  const std::string_view text = id.view();
  archive.put_number(text.size());
  archive.put_text(text);
}
template <class Tag>
void load(BoundedInput& archive, Identifier<Tag>& id) {
  const auto size = archive.take_number(Identifier<Tag>::kMaxBytes);
  if (!id.assign(archive.take_bytes(size))) archive.fail("not " + std::string(kIdForm));
}

template <class Tag, std::size_t N>
void save(BoundedOutput& archive, const Bytes<Tag, N>& value) {
  archive.put_bytes(value.bytes.data(), N);
}
template <class Tag, std::size_t N>
void load(BoundedInput& archive, Bytes<Tag, N>& value) {
  std::ranges::copy(archive.take_bytes(N), value.bytes.begin());
}

/// An enumeration as its number, which is 1 to `last`.
template <class Enum>
struct Numbered {
  Enum& value;
  Enum last;
};
template <class Enum>
void save(BoundedOutput& archive, const Numbered<Enum>& numbered) {
  archive.put_number(static_cast<std::uint64_t>(numbered.value));
}
template <class Enum>
void load(BoundedInput& archive, Numbered<Enum>& numbered) {
  constexpr auto kGreatest = std::numeric_limits<std::underlying_type_t<Enum>>::max();
  const auto last = static_cast<std::underlying_type_t<Enum>>(numbered.last);
  const auto number = archive.take_number(archive.takes_later_kinds() ? kGreatest : last);
  if (number == 0) return archive.fail("a number out of its range");
  numbered.value = static_cast<Enum>(number);
}
template <class Enum>
Numbered<Enum> numbered(Enum& value, Enum last) {
  return {value, last};
}

/// 0 means any; otherwise the version plus 1. The greatest version is encoded as itself: plus 1 would wrap to
/// 0.
inline void save(BoundedOutput& archive, const ExpectedVersion& expected) {
  constexpr std::uint64_t kGreatest = std::numeric_limits<std::uint64_t>::max();
  archive.put_number(expected.version() ? std::min(expected.version()->value(), kGreatest - 1) + 1 : 0);
}
inline void load(BoundedInput& archive, ExpectedVersion& expected) {
  const auto number = archive.take_number(std::numeric_limits<std::uint64_t>::max());
  expected = number == 0 ? ExpectedVersion::any() : ExpectedVersion::exactly(StreamVersion(number - 1));
}

template <class Archive>
void serialize(Archive& archive, StreamId& stream) {
  auto kind = numbered(stream.kind, AggregateKind::product);
  archive(cereal::make_nvp("stream kind", kind), cereal::make_nvp("stream id", stream.id));
  if constexpr (std::is_same_v<Archive, BoundedInput>) {
    if (!OrderId::parse(stream.id)) archive.fail("not an id");
  }
}

template <class Archive>
void serialize(Archive& archive, Line& line) {
  archive(cereal::make_nvp("sku", line.sku), cereal::make_nvp("quantity", line.quantity));
}

template <class Archive>
void serialize(Archive& archive, StockedLine& line) {
  archive(cereal::make_nvp("sku", line.sku), cereal::make_nvp("quantity", line.quantity),
          cereal::make_nvp("stock_after", line.stock_after), cereal::make_nvp("version", line.version));
}

/// A stored order has at most kMaxLines lines. A command may have more, because lines of one product are
/// summed.
template <class Archive>
void at_most_lines(Archive& archive, const char* name, std::size_t count) {
  if constexpr (std::is_same_v<Archive, BoundedInput>) {
    archive.enter(name);
    if (count > kMaxLines) archive.fail("too long");
  }
}

// ---- states -----------------------------------------------------------------------------------------------

template <class Archive>
void serialize(Archive& archive, Product& product) {
  archive(
      cereal::make_nvp("name", product.name), cereal::make_nvp("received", product.received),
      cereal::make_nvp("written_off", product.written_off),
      cereal::make_nvp("in_progress", product.in_progress), cereal::make_nvp("fulfilled", product.fulfilled),
      cereal::make_nvp("retired", product.retired), cereal::make_nvp("version", product.version),
      cereal::make_nvp("registered_at", product.registered_at),
      cereal::make_nvp("retired_at", product.retired_at), cereal::make_nvp("changed_at", product.changed_at));
}

template <class Archive>
void serialize(Archive& archive, Order& order) {
  auto status = numbered(order.status, OrderStatus::fulfilled);
  archive(cereal::make_nvp("status", status), cereal::make_nvp("lines", order.lines),
          cereal::make_nvp("version", order.version), cereal::make_nvp("changed_at", order.changed_at),
          cereal::make_nvp("changed_by", order.changed_by));
  at_most_lines(archive, "lines", order.lines.size());
}

template <class Archive>
void serialize(Archive& archive, Receipt& receipt) {
  archive(cereal::make_nvp("body", receipt.body), cereal::make_nvp("position", receipt.position));
}

/// The sums of version 1.
template <class Archive>
void first_sums(Archive& archive, MovementSums& sums) {
  archive(cereal::make_nvp("placed", sums.placed), cereal::make_nvp("aborted", sums.aborted),
          cereal::make_nvp("fulfilled", sums.fulfilled), cereal::make_nvp("received", sums.received),
          cereal::make_nvp("written_off", sums.written_off), cereal::make_nvp("events", sums.events));
}
/// The sums that came with version 2.
template <class Archive>
void later_sums(Archive& archive, MovementSums& sums) {
  archive(cereal::make_nvp("returned", sums.returned), cereal::make_nvp("counted_up", sums.counted_up),
          cereal::make_nvp("counted_down", sums.counted_down),
          cereal::make_nvp("transferred_in", sums.transferred_in),
          cereal::make_nvp("transferred_out", sums.transferred_out));
}
template <class Archive>
void serialize(Archive& archive, MovementSums& sums) {
  first_sums(archive, sums);
  if (archive.extended()) later_sums(archive, sums);
}

template <class Archive>
void serialize(Archive& archive, DayMovements& day) {
  archive(cereal::make_nvp("day", day.day), cereal::make_nvp("sums", day.sums));
}

/// Has every sum, in every version.
template <class Archive>
void serialize(Archive& archive, ZoneDayMovements& day) {
  archive(cereal::make_nvp("day", day.day), cereal::make_nvp("begin", day.begin),
          cereal::make_nvp("end", day.end));
  first_sums(archive, day.sums);
  later_sums(archive, day.sums);
}

// ---- refusals ---------------------------------------------------------------------------------------------

/// 0 nothing, 1 a product, 2 an order; then the state itself. Not named save and load: every Product and
/// Order converts to a state, so these would be chosen for them too.
inline constexpr std::uint64_t kNoState = 0;
inline constexpr std::uint64_t kProductState = 1;
inline constexpr std::uint64_t kOrderState = 2;

inline void save_state(BoundedOutput& archive, const AggregateState& state) {
  if (const auto* product = std::get_if<Product>(&state)) {
    archive.put_number(kProductState);
    archive(*product);
  } else if (const auto* order = std::get_if<Order>(&state)) {
    archive.put_number(kOrderState);
    archive(*order);
  } else {
    archive.put_number(kNoState);
  }
}
inline void load_state(BoundedInput& archive, AggregateState& state) {
  const auto kind = archive.take_number(kOrderState);
  if (kind == kProductState) archive(state.emplace<Product>());
  if (kind == kOrderState) archive(state.emplace<Order>());
}

/// The fields of a refusal; `number` is that of its rule, or of what else is the cause.
template <class Archive, class Number>
void refusal_fields(Archive& archive, Numbered<Number> number, Refusal& refusal) {
  archive(cereal::make_nvp("rule", number), cereal::make_nvp("subject", refusal.subject));
  if constexpr (std::is_same_v<Archive, BoundedInput>) {
    archive.enter("state");
    load_state(archive, refusal.state);
  } else {
    save_state(archive, refusal.state);
  }
  archive(cereal::make_nvp("obstacle", refusal.obstacle), cereal::make_nvp("expected", refusal.expected),
          cereal::make_nvp("actual", refusal.actual), cereal::make_nvp("requested", refusal.requested),
          cereal::make_nvp("detail", refusal.detail));
}

template <class Archive>
void serialize(Archive& archive, Refusal& refusal) {
  refusal_fields(archive, numbered(refusal.rule, kLastRule), refusal);
}

// ---- payloads of events, version 1 ------------------------------------------------------------------------

template <class Archive>
void serialize(Archive& archive, ProductRegistered& event) {
  archive(cereal::make_nvp("sku", event.sku), cereal::make_nvp("name", event.name),
          cereal::make_nvp("stock", event.stock));
}

template <class Archive>
void serialize(Archive& archive, StockReceived& event) {
  archive(cereal::make_nvp("sku", event.sku), cereal::make_nvp("quantity", event.quantity),
          cereal::make_nvp("stock_after", event.stock_after), cereal::make_nvp("reason", event.reason));
}

template <class Archive>
void serialize(Archive& archive, StockWrittenOff& event) {
  archive(cereal::make_nvp("sku", event.sku), cereal::make_nvp("quantity", event.quantity),
          cereal::make_nvp("stock_after", event.stock_after), cereal::make_nvp("reason", event.reason));
}

template <class Archive>
void serialize(Archive& archive, ProductRetired& event) {
  archive(cereal::make_nvp("sku", event.sku), cereal::make_nvp("stock_after", event.stock_after));
}

template <class Archive>
void serialize(Archive& archive, OrderDrafted& event) {
  archive(cereal::make_nvp("order", event.order), cereal::make_nvp("lines", event.lines));
}

template <class Archive>
void serialize(Archive& archive, OrderPlaced& event) {
  archive(cereal::make_nvp("order", event.order), cereal::make_nvp("lines", event.lines));
}

template <class Archive>
void serialize(Archive& archive, OrderAborted& event) {
  archive(cereal::make_nvp("order", event.order), cereal::make_nvp("was_draft", event.was_draft),
          cereal::make_nvp("lines", event.lines), cereal::make_nvp("reason", event.reason));
}

template <class Archive>
void serialize(Archive& archive, OrderFulfilled& event) {
  archive(cereal::make_nvp("order", event.order), cereal::make_nvp("lines", event.lines),
          cereal::make_nvp("reason", event.reason));
}

template <class Archive>
void serialize(Archive& archive, CommandRefused& event) {
  auto command = numbered(event.command, CommandKind::fulfil_order);
  archive(cereal::make_nvp("command", command), cereal::make_nvp("refusal", event.refusal));
}

}  // namespace stockfold
