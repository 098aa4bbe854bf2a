#include "server/engine/clock_guard.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "protocol/text/time_text.h"
#include "storage/codec/wall_clock.h"

namespace stockfold {
namespace {

using std::chrono::milliseconds;

/// A ledger without commands for longer than this may have a clock that is a year off.
constexpr milliseconds kMostAfterTheLog = std::chrono::days(90);

milliseconds between(UnixMillis from, UnixMillis to) { return milliseconds(to.value() - from.value()); }

auto in_seconds(milliseconds time) { return std::chrono::duration_cast<std::chrono::seconds>(time).count(); }

}  // namespace

Clocks machine_clocks() {
  return {.wall = wall_clock, .running = [] {
            timespec now{};
            ::clock_gettime(CLOCK_BOOTTIME, &now);
            return std::chrono::duration_cast<milliseconds>(std::chrono::seconds(now.tv_sec) +
                                                            std::chrono::nanoseconds(now.tv_nsec));
          }};
}

ClockGuard::ClockGuard(const ClockOptions& options, const Head& head, Clocks clocks)
    : clocks_(std::move(clocks)),
      bound_(options.max_jump),
      bound_behind_(options.max_jump),
      has_log_(head.position > GlobalPosition(0)),
      accepts_(options.accept),
      last_dated_(head.time) {
  if (accepts_) bound_behind_ += std::max(between(clocks_.wall(), last_dated_), milliseconds(0));
  look();
}

void ClockGuard::look() {
  const bool was_refused = !obstacle_.empty();
  Jump jump = judge();
  jump_ = jump.by;
  obstacle_ = std::move(jump.obstacle);
  if (was_refused == !obstacle_.empty()) return;
  if (was_refused) {
    spdlog::info("the clock is right again: commands are accepted");
  } else {
    spdlog::error("commands are refused: {}", obstacle_);
  }
}

std::expected<UnixMillis, Failure> ClockGuard::time() {
  look();
  if (!obstacle_.empty()) return std::unexpected(Failure(ErrorCode::clock_jumped, obstacle_));
  last_dated_ = std::max(last_dated_, wall_);
  return wall_;
}

ClockGuard::Jump ClockGuard::judge() {
  wall_ = clocks_.wall();
  if (bound_ == milliseconds(0)) return {};
  const milliseconds running = clocks_.running();
  const milliseconds after = between(last_dated_, wall_);
  const bool begins = !right_running_;
  const milliseconds ahead =
      begins ? milliseconds(0) : between(right_wall_, wall_) - (running - *right_running_);
  if (begins && has_log_ && !accepts_ && after > kMostAfterTheLog) {
    return {after,
            fmt::format(
                "the clock says {}, {} days after the last commit: this attempt did nothing; set the clock "
                "right, or start the ledger with --accept-clock if it is",
                rfc3339(wall_), std::chrono::floor<std::chrono::days>(after).count())};
  }
  if (ahead > bound_) {
    return {ahead,
            fmt::format("the clock is {} s ahead of where it should be, and more than {} s "
                        "(--max-clock-jump) are not trusted: this attempt did nothing; set the clock right, "
                        "or restart the ledger if it is",
                        in_seconds(ahead), in_seconds(bound_))};
  }
  if (-after > bound_behind_) {
    return {after,
            fmt::format(
                "the clock says {}, and the last commit is of {}, {} s later: this attempt did nothing; set "
                "the clock right, or start the ledger with --accept-clock if it is",
                rfc3339(wall_), rfc3339(last_dated_), in_seconds(-after))};
  }
  if (ahead >= -bound_) {
    right_wall_ = wall_;
    right_running_ = running;
  }
  return {};
}

}  // namespace stockfold
