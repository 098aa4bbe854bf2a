// A ledger that is offered more than it can do.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "hostile/fairness.h"

namespace stockfold {

struct OverloadOptions {
  std::chrono::milliseconds measured{10'000};
  std::size_t connections = 64;
  std::size_t depth = 64;     ///< In flight on each: no more than the server reads ahead.
  std::size_t queue = 2'048;  ///< Commands that may wait in the server.
  std::uint64_t seed = 1;
  /// Where it answers too little: how often it is tried, since the speed of a machine changes.
  std::size_t runs = 1;
};

struct OverloadResult {
  std::size_t runs = 1;  ///< This one is the one in the middle of so many.
  /// Answered, where each connection waits for its answers: on average before and after, since the store
  /// grows.
  double peak_per_s = 0;
  double offered_per_s = 0;   ///< Twice the peak before, whatever the ledger does.
  double answered_per_s = 0;  ///< Of those, done.
  double refused_per_s = 0;   ///< As overloaded; each of them is sent again later.
  /// Processors that the ledger had on average, at its peak and overloaded: whoever offers wants them as
  /// well.
  double peak_processors = 0;
  double processors = 0;
  Spread spread;      ///< Of those done, over the connections.
  double p99_ms = 0;  ///< From when an accepted command was sent until it was answered.
  double max_ms = 0;
  double bound_ms = 0;              ///< What twice the queue takes at the rate answered, and 100 ms.
  std::vector<std::string> broken;  ///< Promises; empty: none.

  /// Of the peak.
  [[nodiscard]] double share() const { return peak_per_s > 0 ? answered_per_s / peak_per_s : 0; }
};

/// Under overload what is answered is done once, and the rest not at all. `least_share` of the peak is done,
/// and by every connection of what it would be if all had the same.
[[nodiscard]] OverloadResult overload(const OverloadOptions& options, double least_share);

}  // namespace stockfold
