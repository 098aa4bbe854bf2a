// Checks that the wall clock can be right, because the dates of commits are permanent.
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
  /// Time since some moment. It also runs while the machine is suspended, and is never set.
  std::function<std::chrono::milliseconds()> running;
};

/// The clocks of this machine.
[[nodiscard]] Clocks machine_clocks();

struct ClockOptions {
  /// How far the wall clock may be ahead of where it should be, or behind the last commit; 0: any distance.
  std::chrono::milliseconds max_jump{300'000};
  bool accept = false;  ///< At the start, trust the wall clock whatever the log says.
};

/// The wall clock should be where it last was, plus the time that the running clock has measured since. While
/// the wall clock is further ahead than the bound, commands are refused, until it is right again or the
/// ledger is restarted. The guard follows drift, and steps below the bound. A clock that was set back is
/// tolerated, because it may become right again. But commands are refused while the log's last commit is
/// later than the clock by more than the bound.
///
/// At the start the wall clock is trusted, unless it is behind the last commit by more than the bound, or
/// more than 90 days after it. The start lasts until it is neither.
///
/// One thread.
class ClockGuard {
 public:
  /// Checks the clocks. `head`: of the log that commits are appended to.
  ClockGuard(const ClockOptions& options, const Head& head, Clocks clocks);

  /// Reads the clocks, and logs when commands begin to be refused or are accepted again.
  void look();
  /// Checks the clocks, and returns the date of a commit made now, or why there can be none.
  [[nodiscard]] std::expected<UnixMillis, Failure> time();

  /// As of the last look: why commands are refused; empty if they are accepted.
  [[nodiscard]] const std::string& obstacle() const { return obstacle_; }
  /// As of the last look: how far the wall clock is ahead of where it should be (below 0: behind); 0 if
  /// commands are accepted.
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
  UnixMillis right_wall_;  ///< Both clocks, when they last agreed; empty: not since the start.
  std::optional<std::chrono::milliseconds> right_running_;
  std::chrono::milliseconds jump_{0};
  std::string obstacle_;
};

}  // namespace stockfold
