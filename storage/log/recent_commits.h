// The latest commits, decoded, so that followers of the log need not read them back from disk.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>

#include "storage/log/event_log.h"

namespace stockfold {

/// Holds as much of the end of the log as fits into a memory budget. Any thread.
class RecentCommits {
 public:
  explicit RecentCommits(std::size_t budget_bytes) : budget_(budget_bytes) {}

  /// Adds the commit that follows the one added last.
  void add(std::shared_ptr<const Commit> commit);

  /// The commit that holds `position`; null if it is not here, or no longer.
  [[nodiscard]] std::shared_ptr<const Commit> find(GlobalPosition position) const;

 private:
  struct Held {
    std::shared_ptr<const Commit> commit;
    std::size_t bytes;
  };

  const std::size_t budget_;
  mutable std::mutex mutex_;
  std::deque<Held> held_;
  std::size_t bytes_ = 0;
};

}  // namespace stockfold
