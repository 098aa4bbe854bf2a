#include "storage/log/recent_commits.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

namespace stockfold {
namespace {

template <class AnyLine>
std::size_t footprint_of(const std::vector<AnyLine>& lines) {
  std::size_t bytes = lines.capacity() * sizeof(AnyLine);
  for (const AnyLine& line : lines) bytes += line.sku.heap_bytes();
  return bytes;
}

/// About how much memory a commit takes.
std::size_t footprint_of(const Commit& commit) {
  std::size_t bytes = sizeof(Commit) + commit.events.capacity() * sizeof(RecordedEvent);
  for (const RecordedEvent& recorded : commit.events) {
    bytes += recorded.actor.capacity();
    std::visit(
        [&bytes](const auto& event) {
          if constexpr (requires { event.reason; }) bytes += event.reason.capacity();
          if constexpr (requires { event.refusal; }) {
            const auto* order = std::get_if<Order>(&event.refusal.state);
            if (order != nullptr) bytes += footprint_of(order->lines);
          }
          if constexpr (requires { event.lines; }) bytes += footprint_of(event.lines);
        },
        recorded.event);
  }
  return bytes;
}

}  // namespace

void RecentCommits::add(std::shared_ptr<const Commit> commit) {
  const std::size_t bytes = footprint_of(*commit);
  const std::lock_guard lock(mutex_);
  held_.push_back({std::move(commit), bytes});
  bytes_ += bytes;
  while (bytes_ > budget_) {
    bytes_ -= held_.front().bytes;
    held_.pop_front();
  }
}

std::shared_ptr<const Commit> RecentCommits::find(GlobalPosition position) const {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::ranges::lower_bound(held_, position, {}, [](const Held& held) { return held.commit->last(); });
  if (found == held_.end() || found->commit->first() > position) return nullptr;
  return found->commit;
}

}  // namespace stockfold
