// The four statuses of an order.
#pragma once

#include <cstdint>
#include <string_view>

namespace stockfold {

/// Numbers that are stored and sent; never reused.
enum class OrderStatus : std::uint8_t { draft = 1, in_progress = 2, aborted = 3, fulfilled = 4 };
/// "draft", "in_progress", "aborted", "fulfilled".
[[nodiscard]] std::string_view name_of(OrderStatus status);
/// Whether the order may still change: a draft, or in progress.
[[nodiscard]] constexpr bool is_open(OrderStatus status) {
  return status == OrderStatus::draft || status == OrderStatus::in_progress;
}

}  // namespace stockfold
