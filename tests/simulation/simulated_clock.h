// Time in a simulation: it passes when the simulation says so, and while a disk stalls.
#pragma once

#include <atomic>
#include <chrono>

#include "core/numbers.h"

namespace stockfold {

/// Any thread.
class SimulatedClock {
 public:
  explicit SimulatedClock(UnixMillis begin) : begin_(begin) {}

  /// The wall clock, which may be set back.
  [[nodiscard]] UnixMillis time() const {
    return UnixMillis(begin_.value() + passed_.load() - set_back_.load());
  }
  /// The clock of deadlines, which never goes back.
  [[nodiscard]] std::chrono::steady_clock::time_point steady() const {
    return std::chrono::steady_clock::time_point(std::chrono::milliseconds(passed_.load()));
  }

  void pass(std::chrono::milliseconds time) { passed_ += time.count(); }
  void set_back(std::chrono::milliseconds time) { set_back_ += time.count(); }

 private:
  const UnixMillis begin_;
  std::atomic<UnixMillis::rep> passed_ = 0;
  std::atomic<UnixMillis::rep> set_back_ = 0;
};

}  // namespace stockfold
