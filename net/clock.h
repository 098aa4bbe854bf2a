// The clock that deadlines go by. Tests and the simulation steer it.
#pragma once

#include <chrono>
#include <functional>

namespace stockfold {

using SteadyTime = std::chrono::steady_clock::time_point;
using SteadyClock = std::function<SteadyTime()>;

/// When a timer of the system, which cannot be steered, has to wake up for `deadline` of `clock`.
[[nodiscard]] inline SteadyTime wake_up_for(SteadyTime deadline, const SteadyClock& clock) {
  return std::chrono::steady_clock::now() + (deadline - clock());
}

}  // namespace stockfold
