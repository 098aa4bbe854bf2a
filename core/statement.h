// The movements of a stream in order, with a running balance, like a bank statement. Pure.
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
  made_final,  ///< By an order that was fulfilled: the units that it took stay taken.
  retired,
};
/// "registered", "received", "written_off", "taken", "given_back", "made_final", "retired".
[[nodiscard]] std::string_view name_of(MovementKind kind);

/// What one event did to one product.
struct Movement {
  MovementKind kind = MovementKind::registered;
  std::optional<OrderId> order;  ///< The order that moved the stock, if one did.
  Units quantity = 0;            ///< The number of units.
  std::int64_t change = 0;       ///< Of the stock: the signed quantity, or 0.
  Units balance = 0;             ///< The stock after the event, as the event records it.
  StreamVersion version;         ///< In the product's stream.
  friend bool operator==(const Movement&, const Movement&) = default;
};

/// Empty if the event is not in the product's stream.
[[nodiscard]] std::optional<Movement> movement_of(const RecordedEvent& event, const Sku& sku);

/// The sums of a statement's movements, by kind.
struct Turnover {
  Units received = 0;  ///< Includes the stock at registration.
  Units written_off = 0;
  std::int64_t in_progress = 0;  ///< Taken, less the units given back or made final since.
  Units fulfilled = 0;
  friend bool operator==(const Turnover&, const Turnover&) = default;
};

/// A part of one product's stream with its running balance. Memory does not grow with its length.
class ProductStatement {
 public:
  explicit ProductStatement(const Sku& sku) : sku_(sku) {}

  /// Adds the next event of the stream. Corruption, with the event's position, if the event does not follow
  /// by its version, or if the computed balance is not the stock that it records.
  Result<Movement> add(const RecordedEvent& event);

  /// The stock before the first event; empty before any event is added.
  [[nodiscard]] const std::optional<Units>& opening() const { return opening_; }
  /// The stock after the last event; empty before any event is added.
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
  std::optional<Units> stock_after;  ///< Empty if the event did not change the product.
};
/// In the order of the lines; empty if the event is of no order.
[[nodiscard]] std::vector<LineEffect> effects_of(const Event& event);
/// The participle of an order's event: "drafted", "placed", "aborted", "fulfilled"; "?" for other events.
[[nodiscard]] std::string_view done_to_order(EventType type);

}  // namespace stockfold
