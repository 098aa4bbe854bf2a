// What is folded out of the events of one aggregate.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/command.h"
#include "core/numbers.h"

namespace stockfold {

struct Product {
  std::string name;
  Units received = 0;  ///< All that ever came in, the first stock included: at most kMaxUnits.
  Units written_off = 0;
  Units in_progress = 0;  ///< Taken by orders in progress.
  Units fulfilled = 0;
  bool retired = false;
  StreamVersion version;
  GlobalPosition registered_at;
  GlobalPosition retired_at;  ///< 0 while it is not retired.
  GlobalPosition changed_at;  ///< Of its latest event.

  /// What can be sold. received >= written_off + in_progress + fulfilled in every state that can be reached.
  [[nodiscard]] Units stock() const { return received - written_off - in_progress - fulfilled; }

  friend bool operator==(const Product&, const Product&) = default;
};

/// Numbers that are stored and sent; never reused.
enum class OrderStatus : std::uint8_t { draft = 1, in_progress = 2, aborted = 3, fulfilled = 4 };
/// "draft", "in_progress", "aborted", "fulfilled".
[[nodiscard]] std::string_view name_of(OrderStatus status);
/// Whether the order may still change: a draft, or in progress.
[[nodiscard]] constexpr bool is_open(OrderStatus status) {
  return status == OrderStatus::draft || status == OrderStatus::in_progress;
}

struct Order {
  OrderStatus status = OrderStatus::draft;
  Lines lines;
  StreamVersion version;
  GlobalPosition changed_at;  ///< Of its latest event.
  std::string changed_by;     ///< The actor of its latest event.

  friend bool operator==(const Order&, const Order&) = default;
};

}  // namespace stockfold
