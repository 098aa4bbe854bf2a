// How evenly a ledger serves clients that all ask for the same.
#pragma once

#include <cstdint>
#include <vector>

namespace stockfold {

/// The least and the most that a client was served, relative to the average; 1 and 1: all the same.
struct Spread {
  double least = 0;
  double most = 0;
};

/// From the number of answers of each client. Zero if no client was answered.
[[nodiscard]] Spread spread_of(const std::vector<std::uint64_t>& answered);

}  // namespace stockfold
