// The number below which no order number is free, kept up to date as orders take numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/fault.h"
#include "core/numbers.h"
#include "storage/views/view_store.h"

namespace stockfold {

/// A part of the fold of orders. One thread; the view must outlive it.
class OrderNumbers {
 public:
  explicit OrderNumbers(const View& orders) : orders_(orders) {}

  /// Records that an order with this id is new. Ids that are not numbers in their shortest form are ignored.
  void take(std::string_view order, GlobalPosition position);
  /// Moves past the numbers taken since the last call. If the next number moved, puts its row.
  Result<void> finish(RowChanges& rows);

 private:
  Result<void> read_next();

  const View& orders_;
  std::optional<std::uint64_t> next_;  ///< Empty until it has been read.
  std::vector<std::uint64_t> taken_;
  GlobalPosition position_;  ///< Position of the last order that took a number.
};

}  // namespace stockfold
