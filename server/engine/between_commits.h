// What must not happen in the middle of a commit.
#pragma once

#include <functional>
#include <utility>
#include <vector>

namespace stockfold {

/// While a commit waits for its append, handlers of the sockets may run (see StandIn). What changes the
/// ledger or its queue beside a commit, and what ends the serving, passes through here. All members are
/// called by the thread that serves the sockets.
class BetweenCommits {
 public:
  using Task = std::function<void()>;

  BetweenCommits() = default;
  BetweenCommits(const BetweenCommits&) = delete;
  BetweenCommits& operator=(const BetweenCommits&) = delete;

  /// Calls `task` now, or once the commit that is being made is done.
  void run(Task task) {
    if (!under_way_) return task();
    postponed_.push_back(std::move(task));
  }

  /// Makes a commit by calling `commit`, and then calls the tasks that came meanwhile.
  template <class Commit>
  void during(const Commit& commit) {
    under_way_ = true;
    commit();
    under_way_ = false;
    for (const Task& task : std::exchange(postponed_, {})) task();
  }

  /// A commit is being made.
  [[nodiscard]] bool under_way() const { return under_way_; }

 private:
  bool under_way_ = false;
  std::vector<Task> postponed_;
};

}  // namespace stockfold
