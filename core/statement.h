// What the events of a stream say one after the other, like a bank statement. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/event.h"
#include "core/fault.h"
#include "core/ids.h"
#include "core/numbers.h"

namespace stockfold {

enum class MovementKind : std::uint8_t {
  registered,
  received,
  written_off,
  taken,       ///< By an order that was placed.
  given_back,  ///< By an order that was aborted.
  made_final,  ///< By an order that was fulfilled: what it had taken stays taken.
  retired,
};
/// "registered", "received", "written_off", "taken", "given_back", "made_final", "retired".
[[nodiscard]] std::string_view name_of(MovementKind kind);

/// What one event did to one product.
struct Movement {
  MovementKind kind = MovementKind::registered;
  std::optional<OrderId> order;  ///< The order that moved it, where one did.
  Units quantity = 0;            ///< How many units it is about.
  std::int64_t change = 0;       ///< Of the stock: the quantity with its sign, or 0.
  Units balance = 0;             ///< The stock once it has happened, as the event records it.
  StreamVersion version;         ///< In the product's stream.
  friend bool operator==(const Movement&, const Movement&) = default;
};

/// Empty where the event is not in the product's stream.
[[nodiscard]] std::optional<Movement> movement_of(const RecordedEvent& event, const Sku& sku);

/// The sums of a statement's movements, by kind.
struct Turnover {
  Units received = 0;  ///< The first stock included.
  Units written_off = 0;
  std::int64_t in_progress = 0;  ///< Taken, less what was given back or made final since.
  Units fulfilled = 0;
  friend bool operator==(const Turnover&, const Turnover&) = default;
};

/// A stretch of one product's stream with its running balance. Memory does not grow with the stretch.
class ProductStatement {
 public:
  explicit ProductStatement(const Sku& sku) : sku_(sku) {}

  /// Takes in the next event of the stream. Corruption, with the event's position: it is not the next one by
  /// its version, or the balance computed is not the stock that it records.
  Result<Movement> add(const RecordedEvent& event);

  /// The stock before the first event that was taken in; empty before that.
  [[nodiscard]] const std::optional<Units>& opening() const { return opening_; }
  /// The stock after the last; empty before the first.
  [[nodiscard]] const std::optional<Units>& balance() const { return balance_; }
  [[nodiscard]] const Turnover& turnover() const { return turnover_; }
  [[nodiscard]] std::uint64_t movements() const { return movements_; }
  /// Whether opening + received - written off - in progress - fulfilled is the balance.
  [[nodiscard]] bool adds_up() const;

 private:
  [[nodiscard]] Result<void> check(const Movement& movement, GlobalPosition position) const;
  void count(const Movement& movement);

  Sku sku_;
  std::optional<Units> opening_;
  std::optional<Units> balance_;
  StreamVersion version_;  ///< Of the last event.
  Turnover turnover_;
  std::uint64_t movements_ = 0;
};

/// What an order's event did to the stock of one of its lines.
struct LineEffect {
  Sku sku;
  Quantity quantity = 0;
  std::int64_t change = 0;
  std::optional<Units> stock_after;  ///< Empty where it left the product alone.
};
/// In the order of the lines; empty where the event is of no order.
[[nodiscard]] std::vector<LineEffect> effects_of(const Event& event);
/// What an event makes of an order: "drafted", "placed", "aborted", "fulfilled"; "?" of other events.
[[nodiscard]] std::string_view done_to_order(EventType type);

}  // namespace stockfold
