#include "tools/console/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "tools/console/print.h"

namespace stockfold {
namespace {

constexpr std::chrono::milliseconds kRedraw{100};
constexpr std::chrono::seconds kLineEvery{3};
constexpr std::size_t kBarWidth = 20;

}  // namespace

std::string progress_text(std::string_view doing, GlobalPosition from, GlobalPosition at, GlobalPosition head,
                          double seconds, std::string_view things) {
  const double share =
      head.value() == 0 ? 1 : static_cast<double>(at.value()) / static_cast<double>(head.value());
  const auto filled = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * kBarWidth);
  const double rate = static_cast<double>(at.value() - from.value()) / std::max(seconds, 0.001);
  std::string text = fmt::format("{}: [{:#>{}}{:->{}}] {:>3.0f} %  {} of {} {}, {:.0f}/s", doing, "", filled,
                                 "", kBarWidth - filled, share * 100, at.value(), head.value(), things, rate);
  if (rate > 0 && at < head)
    text += fmt::format(", {:.0f} s left", static_cast<double>(head.value() - at.value()) / rate);
  return text;
}

ProgressLine::ProgressLine(std::string doing, std::string things)
    : doing_(std::move(doing)),
      things_(std::move(things)),
      on_terminal_(isatty(STDERR_FILENO) != 0),
      next_(on_terminal_ ? begun_ : begun_ + kLineEvery) {}

ProgressLine::~ProgressLine() { end(); }

void ProgressLine::show(GlobalPosition at, GlobalPosition head) {
  if (std::exchange(first_, false)) from_ = at;
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  const double seconds = std::chrono::duration<double>(now - begun_).count();
  const std::string text = progress_text(doing_, from_, at, head, seconds, things_);
  if (on_terminal_) {
    fmt::print(stderr, "\r{}\033[K", text);
    std::fflush(stderr);
    open_ = true;
  } else {
    complain(text);
  }
  next_ = now + (on_terminal_ ? std::chrono::duration_cast<Clock::duration>(kRedraw) : kLineEvery);
}

void ProgressLine::end() {
  if (std::exchange(open_, false)) fmt::print(stderr, "\n");
}

}  // namespace stockfold
