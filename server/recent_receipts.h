// The receipts that the views do not hold yet.
#pragma once

#include <deque>
#include <unordered_map>
#include <utility>

#include "core/answer.h"
#include "core/ids.h"
#include "core/numbers.h"

namespace stockfold {

/// Outcomes of command ids from their decision until the views hold them. Those of the commit being decided
/// can be dropped again. One thread.
class RecentReceipts {
 public:
  /// Null where the id has no recent outcome. Good until the next call.
  [[nodiscard]] const Receipt* find(const CommandId& id) const {
    const auto found = receipts_.find(id);
    return found == receipts_.end() ? nullptr : &found->second;
  }

  /// An outcome of the commit being decided; positions ascend.
  void add(const CommandId& id, const Receipt& receipt) {
    receipts_.emplace(id, receipt);
    by_position_.emplace_back(receipt.position, id);
  }

  /// The commit was not appended: everything above `head` never happened.
  void drop_above(GlobalPosition head) {
    while (!by_position_.empty() && by_position_.back().first > head) {
      receipts_.erase(by_position_.back().second);
      by_position_.pop_back();
    }
  }

  /// The views hold everything up to `applied`.
  void forget_up_to(GlobalPosition applied) {
    while (!by_position_.empty() && by_position_.front().first <= applied) {
      receipts_.erase(by_position_.front().second);
      by_position_.pop_front();
    }
  }

 private:
  std::unordered_map<CommandId, Receipt> receipts_;
  std::deque<std::pair<GlobalPosition, CommandId>> by_position_;
};

}  // namespace stockfold
