// Checks that the lines of commands, orders and events share.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/command.h"
#include "core/ids.h"
#include "core/numbers.h"

namespace stockfold {

[[nodiscard]] constexpr bool is_quantity(std::uint64_t quantity) {
  return quantity >= 1 && quantity <= kMaxQuantity;
}

[[nodiscard]] inline std::string quantity_malformation(const Sku& sku) {
  return "lines: the quantity of " + sku.str() + " must be 1 to " + std::to_string(kMaxQuantity);
}

[[nodiscard]] inline std::string too_many_lines() {
  return "lines must name at most " + std::to_string(kMaxLines) + " products";
}

/// Why lines cannot be those of an order: there are none or too many, a quantity is out of range, or they do
/// not ascend by SKU. Empty if they can.
template <class AnyLine>
std::optional<std::string> malformation(const std::vector<AnyLine>& lines) {
  if (lines.empty()) return "lines must not be empty";
  if (lines.size() > kMaxLines) return too_many_lines();
  if (lines.front().sku.empty()) return "lines: a sku is empty";
  for (const AnyLine& line : lines) {
    if (!is_quantity(line.quantity)) return quantity_malformation(line.sku);
  }
  if (std::ranges::adjacent_find(lines, std::ranges::greater_equal(), &AnyLine::sku) != lines.end()) {
    return "lines must be ascending by SKU, each SKU once";
  }
  return std::nullopt;
}

}  // namespace stockfold
