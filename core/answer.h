// What a caller is told, formed from the event alone, so a replay can tell it again.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "core/event.h"
#include "core/ids.h"
#include "core/refusal.h"
#include "core/state.h"

namespace stockfold {

struct StockOf {
  Sku sku;
  Units stock = 0;
  friend bool operator==(const StockOf&, const StockOf&) = default;
};

struct Accepted {
  StreamId subject;                   ///< The order or product that the command was about.
  std::optional<OrderStatus> status;  ///< Of an order.
  StreamVersion version;              ///< Of the subject, once it happened.
  GlobalPosition position;
  UnixMillis time;
  std::vector<StockOf> stock;  ///< Of every product whose stock was moved or settled, once it happened.
  friend bool operator==(const Accepted&, const Accepted&) = default;
};

/// The event that recorded an outcome.
struct DecidedBy {
  GlobalPosition position;
  UnixMillis time;
  friend bool operator==(const DecidedBy&, const DecidedBy&) = default;
};

struct Answer {
  std::variant<Accepted, Refusal> outcome;
  bool replayed = false;             ///< The command id had this outcome before.
  std::optional<DecidedBy> decided;  ///< Of a replay, as the ledger gives it; it is not sent over TCP.
  friend bool operator==(const Answer&, const Answer&) = default;
};

/// The outcome that an event stands for: Accepted, or for CommandRefused the refusal in it.
[[nodiscard]] std::variant<Accepted, Refusal> outcome_of(const RecordedEvent& event);

/// What became of a command id: where the event lies that the outcome is formed from, and what was asked.
struct Receipt {
  BodyHash body;
  GlobalPosition position;
  friend bool operator==(const Receipt&, const Receipt&) = default;
};
/// Of one command id: one receipt for each caller that used it, ascending by position.
using Receipts = std::vector<Receipt>;

}  // namespace stockfold
