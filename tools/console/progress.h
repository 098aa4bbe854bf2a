// The progress of work that reads the log, shown on stderr.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/numbers.h"

namespace stockfold {

/// "rebuilding: [#####-----]  50 %  1000 of 2000 events, 500/s, 2 s left". `seconds` is how long it took to
/// get from `from` to `at`. `things`: what is counted.
[[nodiscard]] std::string progress_text(std::string_view doing, GlobalPosition from, GlobalPosition at,
                                        GlobalPosition head, double seconds,
                                        std::string_view things = "events");

/// On a terminal, one line that is rewritten. Elsewhere a new line every few seconds, so short work prints
/// nothing. One thread.
class ProgressLine {
 public:
  explicit ProgressLine(std::string doing, std::string things = "events");
  /// Ends the line.
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Cheap to call often: it draws at most ten times a second.
  void show(GlobalPosition at, GlobalPosition head);
  /// The next output begins a new line. A second call does nothing.
  void end();

 private:
  using Clock = std::chrono::steady_clock;

  const std::string doing_;
  const std::string things_;
  const bool on_terminal_;
  const Clock::time_point begun_ = Clock::now();
  Clock::time_point next_;  ///< Not shown again before.
  bool first_ = true;
  GlobalPosition from_;
  bool open_ = false;  ///< The terminal's line has not ended.
};

}  // namespace stockfold
