// The events. Each stands on its own: a reader needs no other event to know what it moved.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/command.h"
#include "core/ids.h"
#include "core/numbers.h"
#include "core/refusal.h"

namespace stockfold {

/// One line of an event that moves or fulfills stock.
struct StockedLine {
  Sku sku;
  Quantity quantity = 0;
  Units stock_after = 0;  ///< Of the product, after the event.
  StreamVersion version;  ///< The event's version in the product's stream.
  friend bool operator==(const StockedLine&, const StockedLine&) = default;
};
using StockedLines = std::vector<StockedLine>;
/// The SKUs and quantities alone.
[[nodiscard]] Lines without_stock(const StockedLines& stocked);

/// Numbers that are stored and sent; never reused.
enum class EventType : std::uint8_t {
  product_registered = 1,
  stock_received = 2,
  stock_written_off = 3,
  product_retired = 4,
  order_drafted = 5,
  order_placed = 6,
  order_aborted = 7,
  order_fulfilled = 8,
  command_refused = 9,
};

struct ProductRegistered {
  static constexpr EventType kType = EventType::product_registered;
  Sku sku;
  std::string name;
  Units stock = 0;
  friend bool operator==(const ProductRegistered&, const ProductRegistered&) = default;
};

struct StockReceived {
  static constexpr EventType kType = EventType::stock_received;
  Sku sku;
  Quantity quantity = 0;
  Units stock_after = 0;
  std::string reason;
  friend bool operator==(const StockReceived&, const StockReceived&) = default;
};

struct StockWrittenOff {
  static constexpr EventType kType = EventType::stock_written_off;
  Sku sku;
  Quantity quantity = 0;
  Units stock_after = 0;
  std::string reason;
  friend bool operator==(const StockWrittenOff&, const StockWrittenOff&) = default;
};

struct ProductRetired {
  static constexpr EventType kType = EventType::product_retired;
  Sku sku;
  Units stock_after = 0;
  friend bool operator==(const ProductRetired&, const ProductRetired&) = default;
};

struct OrderDrafted {
  static constexpr EventType kType = EventType::order_drafted;
  OrderId order;
  Lines lines;
  friend bool operator==(const OrderDrafted&, const OrderDrafted&) = default;
};

struct OrderPlaced {
  static constexpr EventType kType = EventType::order_placed;
  OrderId order;
  StockedLines lines;
  friend bool operator==(const OrderPlaced&, const OrderPlaced&) = default;
};

/// An aborted draft moved no stock: it is in no product's stream, and its lines have no stock and
/// version 0.
struct OrderAborted {
  static constexpr EventType kType = EventType::order_aborted;
  OrderId order;
  bool was_draft = false;
  StockedLines lines;
  std::string reason;
  friend bool operator==(const OrderAborted&, const OrderAborted&) = default;
};

struct OrderFulfilled {
  static constexpr EventType kType = EventType::order_fulfilled;
  OrderId order;
  StockedLines lines;
  std::string reason;
  friend bool operator==(const OrderFulfilled&, const OrderFulfilled&) = default;
};

/// The refusal of a command with an id: its outcome. In no stream.
struct CommandRefused {
  static constexpr EventType kType = EventType::command_refused;
  CommandKind command = CommandKind::register_product;
  Refusal refusal;
  friend bool operator==(const CommandRefused&, const CommandRefused&) = default;
};

using Event = std::variant<ProductRegistered, StockReceived, StockWrittenOff, ProductRetired, OrderDrafted,
                           OrderPlaced, OrderAborted, OrderFulfilled, CommandRefused>;

[[nodiscard]] EventType type_of(const Event& event);
/// The name, such as "OrderPlaced"; "?" for a number that is no type.
[[nodiscard]] std::string_view name_of(EventType type);

/// The reason that the caller gave; empty if the event has none. It points into the event.
[[nodiscard]] std::string_view reason_of(const Event& event);

/// An event with its place in the log.
struct RecordedEvent {
  GlobalPosition position;
  UnixMillis time;        ///< Of its commit.
  StreamVersion version;  ///< In the subject's stream; 0 for CommandRefused.
  std::optional<CommandIdentity> identity;
  std::string actor;
  Event event;
  friend bool operator==(const RecordedEvent&, const RecordedEvent&) = default;
};

struct StreamEntry {
  StreamId stream;
  StreamVersion version;
  friend bool operator==(const StreamEntry&, const StreamEntry&) = default;
};

/// The streams that an event is in, and its version in each: its order's first, then those of its products.
[[nodiscard]] std::vector<StreamEntry> streams_of(const RecordedEvent& event);

/// Calls `visit(sku, version)` for each product in whose stream the event is, with its version there: the
/// products of streams_of(), without a copy.
template <class Visit>
void for_each_product(const RecordedEvent& recorded, const Visit& visit) {
  std::visit(
      [&](const auto& event) {
        if constexpr (requires { event.sku; }) {
          visit(event.sku, recorded.version);
        } else if constexpr (requires { event.lines.front().stock_after; }) {
          if constexpr (requires { event.was_draft; }) {
            if (event.was_draft) return;
          }
          for (const StockedLine& line : event.lines) visit(line.sku, line.version);
        }
      },
      recorded.event);
}

}  // namespace stockfold
