// The receipts that the views do not hold yet.
#pragma once

#include <algorithm>
#include <deque>
#include <ranges>
#include <unordered_map>
#include <utility>

#include "core/ids.h"
#include "core/numbers.h"
#include "core/outcome.h"

namespace stockfold {

/// Outcomes of command ids from their decision until the views hold them. Those of the commit being decided
/// can be dropped again. One thread.
class RecentReceipts {
 public:
  /// The recent outcomes of an id, one for each caller that used it, in no order. Good until the next call.
  [[nodiscard]] auto find(const CommandId& id) const {
    const auto [first, last] = receipts_.equal_range(id);
    return std::ranges::subrange(first, last) | std::views::values;
  }

  /// An outcome of the commit being decided; positions ascend.
  void add(const CommandId& id, const Receipt& receipt) {
    receipts_.emplace(id, receipt);
    by_position_.emplace_back(receipt.position, id);
  }

  /// The commit was not appended: everything above `head` never happened.
  void drop_above(GlobalPosition head) {
    while (!by_position_.empty() && by_position_.back().first > head) {
      erase(by_position_.back());
      by_position_.pop_back();
    }
  }

  /// The views hold everything up to `applied`.
  void forget_up_to(GlobalPosition applied) {
    while (!by_position_.empty() && by_position_.front().first <= applied) {
      erase(by_position_.front());
      by_position_.pop_front();
    }
  }

 private:
  using Place = std::pair<GlobalPosition, CommandId>;

  void erase(const Place& place) {
    auto [at, last] = receipts_.equal_range(place.second);
    while (at != last && at->second.position != place.first) ++at;
    if (at != last) receipts_.erase(at);
  }

  std::unordered_multimap<CommandId, Receipt> receipts_;
  std::deque<Place> by_position_;
};

}  // namespace stockfold
