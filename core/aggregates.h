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

  /// Null where there is none. Good until the next call of a member that is not const.
  [[nodiscard]] virtual const Product* find(const Sku& sku) const = 0;
  [[nodiscard]] virtual const Order* find(const OrderId& order) const = 0;

  /// The aggregate's place, empty where there is none yet; what is put there is what find() answers from then
  /// on.
  virtual std::optional<Product>& edit(const Sku& sku) = 0;
  virtual std::optional<Order>& edit(const OrderId& order) = 0;
};

}  // namespace stockfold
