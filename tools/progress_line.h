// How far something that goes through the log has come.
#pragma once

#include <chrono>
#include <string>

#include "core/numbers.h"

namespace stockfold {

/// One line on a terminal's stderr, rewritten as it goes on: how far, how fast, how long still. Silent
/// elsewhere. One thread.
class ProgressLine {
 public:
  /// `doing`: such as "catching up".
  explicit ProgressLine(std::string doing);
  /// Ends the line.
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Costs next to nothing where it was shown a moment ago.
  void show(GlobalPosition at, GlobalPosition end);
  /// Ends the line, so that others can write; shown again, it is a new one.
  void end();

 private:
  using Clock = std::chrono::steady_clock;

  std::string doing_;
  bool on_terminal_;
  Clock::time_point start_;
  GlobalPosition first_;    ///< Where it was when it was first shown.
  Clock::time_point next_;  ///< It is not shown again before.
  bool open_ = false;
};

}  // namespace stockfold
