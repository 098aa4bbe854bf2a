// How far something is on its way through the log, told on stderr.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/numbers.h"

namespace stockfold {

/// "rebuilding: [#####-----]  50 %  1000 of 2000 events, 500/s, 2 s left". `seconds` is how long it took to
/// get from `from` to `at`.
[[nodiscard]] std::string progress_text(std::string_view doing, GlobalPosition from, GlobalPosition at,
                                        GlobalPosition head, double seconds);

/// On a terminal one line that is written over and over; elsewhere a line every few seconds, and so nothing
/// where it is done by then. One thread.
class ProgressLine {
 public:
  explicit ProgressLine(std::string doing);
  /// Ends the line.
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// May be called as often as one likes.
  void show(GlobalPosition at, GlobalPosition head);
  /// Whatever is written next begins a line. Does nothing the second time.
  void end();

 private:
  using Clock = std::chrono::steady_clock;

  const std::string doing_;
  const bool on_terminal_;
  const Clock::time_point begun_ = Clock::now();
  Clock::time_point next_;  ///< Not shown again before.
  bool first_ = true;
  GlobalPosition from_;
  bool open_ = false;  ///< The terminal's line has not ended.
};

}  // namespace stockfold
