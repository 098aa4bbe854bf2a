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
  std::size_t depth = 64;     ///< In flight on each connection; no more than the server reads ahead.
  std::size_t queue = 2'048;  ///< Commands that may wait in the server.
  std::uint64_t seed = 1;
  /// If it answers too little: how often the run is repeated, since the speed of a machine changes.
  std::size_t runs = 1;
};

struct OverloadResult {
  std::size_t runs = 1;  ///< This one is the middle one of so many.
  /// Answers a second if each connection waits for its answers: on average before and after, since the store
  /// grows.
  double peak_per_s = 0;
  double offered_per_s = 0;   ///< Twice the peak before, whatever the ledger does.
  double answered_per_s = 0;  ///< Of those offered, how many were done.
  double refused_per_s = 0;   ///< As overloaded; each of them is sent again later.
  /// Processors that the ledger used on average, at its peak and overloaded: the load generator uses them as
  /// well.
  double peak_processors = 0;
  double processors = 0;
  Spread spread;      ///< Of those done, over the connections.
  double p99_ms = 0;  ///< From the time an accepted command was sent until it was answered.
  double max_ms = 0;
  double bound_ms = 0;              ///< The time that twice the queue takes at the answered rate, and 100 ms.
  std::vector<std::string> broken;  ///< Broken promises; empty: none.

  /// Relative to the peak.
  [[nodiscard]] double share() const { return peak_per_s > 0 ? answered_per_s / peak_per_s : 0; }
};

/// Under overload each answered command is done once, and the rest are not done at all. At least
/// `least_share` of the peak is done, and each connection gets at least that share of an equal part.
[[nodiscard]] OverloadResult overload(const OverloadOptions& options, double least_share);

}  // namespace stockfold
