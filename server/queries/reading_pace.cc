#include "server/queries/reading_pace.h"

#include <algorithm>
#include <thread>

namespace stockfold {

bool ReadingPace::has_to_rest() {
  constexpr unsigned kThreads = 4;
  const unsigned processors = std::thread::hardware_concurrency();  // 0: not known
  return processors > 0 && processors < kThreads;
}

ReadingPace::Clock::time_point ReadingPace::begins(Clock::time_point now) const {
  const bool commands_come = now - committed_.load(std::memory_order_relaxed) < kAfterCommit;
  return rests_ && commands_come ? std::max(now, rested_) : now;
}

void ReadingPace::ended(Clock::time_point begun, Clock::time_point now) {
  rested_ = now + std::min<Clock::duration>(now - begun, kLongestRest);
}

void ReadingPace::rest() const {
  const auto now = Clock::now();
  if (const auto until = begins(now); until > now) std::this_thread::sleep_until(until);
}

}  // namespace stockfold
