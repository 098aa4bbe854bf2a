// The rules of the domain: one function each, named like its refusal. For decide.cc and redecide.cc.
#pragma once

#include <optional>
#include <vector>

#include "core/aggregates.h"
#include "core/command.h"
#include "core/ids.h"
#include "core/numbers.h"
#include "core/refusal.h"
#include "core/state.h"

namespace stockfold {

/// An aggregate as a decision sees it.
template <class Id, class State>
struct Seen {
  const Id& id;
  const State* state = nullptr;  ///< Null if there is none.

  [[nodiscard]] StreamVersion version() const { return state != nullptr ? state->version : StreamVersion(); }
};
using SeenOrder = Seen<OrderId, Order>;
using SeenProduct = Seen<Sku, Product>;

struct SeenLine {
  SeenProduct product;
  Quantity quantity = 0;
};
using SeenLines = std::vector<SeenLine>;

SeenOrder see(const Aggregates& aggregates, const OrderId& order);
SeenProduct see(const Aggregates& aggregates, const Sku& sku);
SeenLines see(const Aggregates& aggregates, const Lines& lines);

/// The refusal of a broken rule; empty if the rule holds.
using Breach = std::optional<Refusal>;

Breach version_conflict(const SeenOrder& order, ExpectedVersion expected);
Breach version_conflict(const SeenProduct& product, ExpectedVersion expected);

Breach product_exists(const SeenProduct& product);
Breach unknown_product(const SeenProduct& product);
// The product exists.
Breach product_retired(const SeenProduct& product);
Breach insufficient_stock(const SeenProduct& product, Quantity quantity);
Breach stock_overflow(const SeenProduct& product, Quantity quantity);

// Returns the refusal of the first line, in order of SKU, that breaks the rule.
Breach unknown_product(const SeenLines& lines);
Breach product_retired(const SeenLines& lines);
Breach insufficient_stock(const SeenLines& lines);

Breach order_exists(const SeenOrder& order);
Breach unknown_order(const SeenOrder& order);
// The order exists.
Breach order_not_draft(const SeenOrder& order);
Breach order_already_aborted(const SeenOrder& order);
Breach order_already_fulfilled(const SeenOrder& order);
Breach order_not_in_progress(const SeenOrder& order);

}  // namespace stockfold
