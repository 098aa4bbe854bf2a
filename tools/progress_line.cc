#include "tools/progress_line.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace stockfold {

ProgressLine::ProgressLine(std::string doing)
    : doing_(std::move(doing)), on_terminal_(::isatty(STDERR_FILENO) != 0), start_(Clock::now()) {}

ProgressLine::~ProgressLine() { end(); }

void ProgressLine::show(GlobalPosition at, GlobalPosition end) {
  constexpr std::chrono::milliseconds kPause(100);
  using Seconds = std::chrono::duration<double>;
  if (!on_terminal_) return;
  const auto now = Clock::now();
  if (now < next_) return;
  next_ = now + kPause;
  if (first_ == GlobalPosition(0)) first_ = at;
  const double seconds = std::max(Seconds(now - start_).count(), 0.001);
  const double rate = static_cast<double>(at.value() - first_.value()) / seconds;
  const double left = rate > 0 ? static_cast<double>(end.value() - at.value()) / rate : 0;
  fmt::print(stderr, "\r{}: {} of {} events, {:.0f}/s, {:.0f} s left \033[K", doing_, at.value(), end.value(),
             rate, left);
  open_ = true;
}

void ProgressLine::end() {
  if (!std::exchange(open_, false)) return;
  fmt::print(stderr, "\n");
}

}  // namespace stockfold
