// What became of a command, formed from its event alone, so a replay can repeat it.
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
  StreamId subject;                   ///< The order or product that the command names.
  std::optional<OrderStatus> status;  ///< The new status, if the subject is an order.
  StreamVersion version;              ///< The subject's version after the event.
  GlobalPosition position;            ///< Of the event.
  UnixMillis time;                    ///< Of the event.
  std::vector<StockOf> stock;         ///< The stock after the event, of every product in whose stream it is.
  friend bool operator==(const Accepted&, const Accepted&) = default;
};

/// The outcome that an event records: Accepted, or the refusal of a CommandRefused.
[[nodiscard]] std::variant<Accepted, Refusal> outcome_of(const RecordedEvent& event);

/// The use of a command id: the event that records its outcome, and the hash of what was sent.
struct Receipt {
  BodyHash body;
  GlobalPosition position;
  friend bool operator==(const Receipt&, const Receipt&) = default;
};
/// The receipts of one command id: one for each caller that used it, ascending by position.
using Receipts = std::vector<Receipt>;

}  // namespace stockfold
