// The number below which no order number is free, as orders take numbers.
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

  /// An order of this id is new. Ids that are no number in its shortest form count for nothing.
  void take(std::string_view order, GlobalPosition position);
  /// Moves on past what was taken since the last call, and puts the row of the next number where it moved.
  Result<void> finish(RowChanges& rows);

 private:
  Result<void> read_next();

  const View& orders_;
  std::optional<std::uint64_t> next_;  ///< Empty until it was read.
  std::vector<std::uint64_t> taken_;
  GlobalPosition position_;  ///< Of the last that was taken.
};

}  // namespace stockfold
