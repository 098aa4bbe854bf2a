#include "projections/order_numbers.h"

#include <algorithm>
#include <string>
#include <utility>

#include "projections/row_keys.h"
#include "storage/codec/big_endian.h"
#include "storage/views/order_ids.h"

namespace stockfold {

void OrderNumbers::take(std::string_view order, GlobalPosition position) {
  const std::optional<std::uint64_t> number = order_number_in(order);
  if (!number) return;
  taken_.push_back(*number);
  position_ = position;
}

Result<void> OrderNumbers::read_next() {
  auto row = orders_.get(kNextOrderKey);
  if (!row) return std::unexpected(std::move(row.error()));
  next_ = next_order_number_in(*row);
  if (next_) return {};
  return std::unexpected(corruption(position_, "the row of the next order number is damaged"));
}

Result<void> OrderNumbers::finish(RowChanges& rows) {
  if (taken_.empty()) return {};
  if (!next_) {
    if (auto read = read_next(); !read) return read;
  }
  std::ranges::sort(taken_);
  // This loop is long where callers have numbered orders far ahead, but only once. The row's value must
  // depend on the log alone, and not on where a batch ends.
  std::uint64_t free = *next_;
  auto taken = std::ranges::lower_bound(taken_, free);
  const bool may_move = taken != taken_.end();
  while (may_move) {
    if (taken != taken_.end() && *taken == free) {
      ++taken;
    } else {
      auto row = orders_.get(std::to_string(free));
      if (!row) return std::unexpected(std::move(row.error()));
      if (!*row) break;
    }
    ++free;
  }
  taken_.clear();
  if (free == *next_) return {};
  next_ = free;
  std::string value;
  append_big_endian(value, free);
  rows.put(kNextOrderKey, value);
  return {};
}

}  // namespace stockfold
