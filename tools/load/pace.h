// Whether answers came steadily: the slowest second, and the longest time without an answer.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tools/load/schedule.h"

namespace stockfold {

/// Counts answers from `from` on, up to close().
class Pace {
 public:
  Pace() = default;
  explicit Pace(Nanos from) : from_(from), last_(from) {}

  /// `at` never goes back.
  void record(Nanos at) {
    longest_gap_ = std::max(longest_gap_, at - last_);
    last_ = at;
    if (at >= second_end()) open_second(at);
    ++seconds_.back();
  }

  /// Ends the count. The time since the last answer is a gap, too, and seconds without answers count as slow.
  void close(Nanos to) {
    longest_gap_ = std::max(longest_gap_, to - last_);
    last_ = to;
    if (to >= second_end()) open_second(to);
    whole_seconds_ = static_cast<std::size_t>((to - from_) / kSecond);
  }

  [[nodiscard]] Nanos longest_gap() const { return longest_gap_; }
  /// The fewest answers in a whole second; all answers, if no second was whole.
  [[nodiscard]] std::uint64_t slowest_second() const {
    if (whole_seconds_ == 0) return seconds_.front();
    return *std::ranges::min_element(seconds_.begin(),
                                     seconds_.begin() + static_cast<std::ptrdiff_t>(whole_seconds_));
  }

 private:
  static constexpr Nanos kSecond = 1'000'000'000;

  [[nodiscard]] Nanos second_end() const { return from_ + static_cast<Nanos>(seconds_.size()) * kSecond; }
  void open_second(Nanos at) { seconds_.resize(static_cast<std::size_t>((at - from_) / kSecond) + 1); }

  Nanos from_ = 0;
  Nanos last_ = 0;
  Nanos longest_gap_ = 0;
  std::vector<std::uint64_t> seconds_ = std::vector<std::uint64_t>(1);
  std::size_t whole_seconds_ = 0;
};

}  // namespace stockfold
