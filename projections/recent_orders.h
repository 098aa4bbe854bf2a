// Positions of the events of orders that were open recently. Most orders are aborted or fulfilled soon.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ids.h"
#include "core/numbers.h"
#include "storage/codec/state_codec.h"

namespace stockfold {

/// Positions by order. A new entry may replace an old one. One thread.
class RecentOrders {
 public:
  using Positions = std::array<GlobalPosition, StoredOrder::kMostEarlier>;

  /// Keeps the positions of versions 1 to `version`, which is 1 or 2.
  void keep(std::string_view order, StreamVersion version, const Positions& positions) {
    if (kept_ == slots_.size() / 2 && slots_.size() < kMostSlots) grow();
    ++kept_;
    slot_of(order) = {*OrderId::parse(order), version, positions};
  }

  /// The positions of versions 1 to `version`; null if they are not in this cache.
  [[nodiscard]] const Positions* find(std::string_view order, StreamVersion version) const {
    if (slots_.empty()) return nullptr;
    const Slot& slot = slot_of(order);
    return slot.version == version && slot.order.view() == order ? &slot.positions : nullptr;
  }

 private:
  // 12 MB at most. That is far more than are open at once in the measured loads (some thousands), so few
  // entries replace each other. A replaced entry is looked up in the view.
  static constexpr std::size_t kFirstSlots = std::size_t{1} << 10U;
  static constexpr std::size_t kMostSlots = std::size_t{1} << 17U;
  struct Slot {
    OrderId order;
    StreamVersion version;  ///< 0: the slot is empty.
    Positions positions{};
  };

  [[nodiscard]] const Slot& slot_of(std::string_view order) const {
    return slots_[std::hash<std::string_view>{}(order) & (slots_.size() - 1)];
  }
  Slot& slot_of(std::string_view order) {
    return slots_[std::hash<std::string_view>{}(order) & (slots_.size() - 1)];
  }

  void grow() {
    std::vector<Slot> smaller(slots_.empty() ? kFirstSlots : 2 * slots_.size());
    smaller.swap(slots_);
    for (Slot& slot : smaller) {
      if (slot.version != StreamVersion()) slot_of(slot.order.view()) = std::move(slot);
    }
  }

  std::vector<Slot> slots_;  ///< Their number is a power of two.
  std::size_t kept_ = 0;     ///< Calls of keep() so far; an order that is kept again counts again.
};

}  // namespace stockfold
