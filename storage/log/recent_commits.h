// The latest commits, decoded: those who follow the log find them here and need not read them back from disk.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>

#include "storage/log/event_log.h"

namespace stockfold {

/// Holds the end of the log, as much of it as fits into a budget of memory. Any thread.
class RecentCommits {
 public:
  explicit RecentCommits(std::size_t budget_bytes) : budget_(budget_bytes) {}

  /// Adds the commit that follows the one added last.
  void add(std::shared_ptr<const Commit> commit);

  /// The commit that holds `position`; null where it is not here (any more).
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
