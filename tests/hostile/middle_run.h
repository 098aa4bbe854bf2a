// Measurements that are judged on a machine whose speed changes from one minute to the next.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <vector>

namespace stockfold {

/// Returns one run if `missed_by` finds nothing wrong with it. Otherwise returns the run of `most` whose
/// share() is in the middle, with what was missed in it, and what was broken in any of them.
template <class Measured, class Run, class MissedBy>
[[nodiscard]] Measured middle_run(std::size_t most, const Run& run, const MissedBy& missed_by) {
  std::vector<Measured> runs{run()};
  if (!missed_by(runs.front()).empty()) {
    while (runs.size() < most) runs.push_back(run());
  }
  std::ranges::sort(runs, {}, &Measured::share);
  Measured middle = runs[runs.size() / 2];
  middle.runs = runs.size();
  middle.broken = missed_by(middle);
  for (const Measured& one : runs) std::ranges::copy(one.broken, std::back_inserter(middle.broken));
  return middle;
}

}  // namespace stockfold
