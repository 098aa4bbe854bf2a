// Whether the wall clock can be right: commits are dated by it, for ever.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <optional>
#include <string>

#include "core/numbers.h"
#include "protocol/answer.h"
#include "storage/log/event_log.h"

namespace stockfold {

struct Clocks {
  std::function<UnixMillis()> wall;
  /// Since some moment. It goes on while the machine is suspended, and is never set.
  std::function<std::chrono::milliseconds()> running;
};

/// Those of this machine.
[[nodiscard]] Clocks machine_clocks();

struct ClockOptions {
  /// How far the wall clock may be ahead of what it should be, or behind the last commit; 0: as far as it
  /// likes.
  std::chrono::milliseconds max_jump{300'000};
  bool accept = false;  ///< The wall clock is right at the start, whatever the log says.
};

/// The wall clock should be where it last was, and what the running clock says has passed since. While it is
/// further ahead than the bound, commands are refused, until it is right again or the ledger is restarted.
/// What it drifts, and steps below the bound, the guard follows. A clock that was set back is no more than
/// waited for: it may come right again. But commands are refused while the log's last commit is later by more
/// than the bound.
///
/// At the start the wall clock is taken as it is, unless it is behind the last commit by more than the bound,
/// or more than 90 days after it. Then the start lasts until it is neither.
///
/// One thread.
class ClockGuard {
 public:
  /// Looks. `head`: of the log that commits are appended to.
  ClockGuard(const ClockOptions& options, const Head& head, Clocks clocks);

  /// Reads the clocks, and logs where commands are refused from here on, or are taken again.
  void look();
  /// Looks, and says what a commit is dated by now, or why there can be none.
  [[nodiscard]] std::expected<UnixMillis, Failure> time();

  /// As of the last look: why commands are refused; empty where they are taken.
  [[nodiscard]] const std::string& obstacle() const { return obstacle_; }
  /// As of the last look: how far the wall clock is ahead of where it should be, below 0 where it is behind;
  /// 0 where commands are taken.
  [[nodiscard]] std::chrono::milliseconds jump() const { return jump_; }

 private:
  struct Jump {
    std::chrono::milliseconds by{0};
    std::string obstacle;
  };
  [[nodiscard]] Jump judge();

  Clocks clocks_;
  std::chrono::milliseconds bound_;
  std::chrono::milliseconds bound_behind_;
  bool has_log_;
  bool accepts_;
  UnixMillis last_dated_;  ///< The latest time that a commit may have.
  UnixMillis wall_;        ///< As of the last look.
  UnixMillis right_wall_;  ///< Both clocks, when they last agreed; empty: they have not since the start.
  std::optional<std::chrono::milliseconds> right_running_;
  std::chrono::milliseconds jump_{0};
  std::string obstacle_;
};

}  // namespace stockfold
