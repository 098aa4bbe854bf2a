// The aggregates that a decision sees and that events change.
#pragma once

#include <optional>

#include "core/ids.h"
#include "core/state.h"

namespace stockfold {

/// Orders and products by id. One thread.
class Aggregates {
 public:
  virtual ~Aggregates() = default;

  /// Null if there is none. Valid until the next call of a member that is not const.
  [[nodiscard]] virtual const Product* find(const Sku& sku) const = 0;
  [[nodiscard]] virtual const Order* find(const OrderId& order) const = 0;

  /// The place of the aggregate, empty if it does not exist yet. From then on, find() returns what the caller
  /// puts there.
  virtual std::optional<Product>& edit(const Sku& sku) = 0;
  virtual std::optional<Order>& edit(const OrderId& order) = 0;
};

}  // namespace stockfold
