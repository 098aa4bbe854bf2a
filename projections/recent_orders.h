// Where the events of orders lie that were open a while ago: most orders are aborted or fulfilled soon.
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

/// Positions by order; a new one may take the place of an old one. One thread.
class RecentOrders {
 public:
  using Positions = std::array<GlobalPosition, StoredOrder::kMostEarlier>;

  /// Keeps the positions of versions 1 to `version`, which is 1 or 2.
  void keep(std::string_view order, StreamVersion version, const Positions& positions) {
    if (kept_ == slots_.size() / 2 && slots_.size() < kMostSlots) grow();
    ++kept_;
    slot_of(order) = {*OrderId::parse(order), version, positions};
  }

  /// The positions of versions 1 to `version`; null where they are not here.
  [[nodiscard]] const Positions* find(std::string_view order, StreamVersion version) const {
    if (slots_.empty()) return nullptr;
    const Slot& slot = slot_of(order);
    return slot.version == version && slot.order.view() == order ? &slot.positions : nullptr;
  }

 private:
  // 12 MB at most. Far more than are open at once in the measured loads (some thousands), so that few
  // displace each other; what is displaced is looked up in the view.
  static constexpr std::size_t kFirstSlots = std::size_t{1} << 10U;
  static constexpr std::size_t kMostSlots = std::size_t{1} << 17U;
  struct Slot {
    OrderId order;
    StreamVersion version;  ///< 0: nothing here.
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

  std::vector<Slot> slots_;  ///< A power of two of them.
  std::size_t kept_ = 0;     ///< Since the beginning; of orders that are kept again, too.
};

}  // namespace stockfold
