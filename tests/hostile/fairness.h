// How evenly a ledger serves clients who all ask for the same.
#pragma once

#include <cstdint>
#include <vector>

namespace stockfold {

/// What the least and the most served had of the average; 1 and 1: all had the same.
struct Spread {
  double least = 0;
  double most = 0;
};

/// Of what each was answered. Zero where nobody was.
[[nodiscard]] Spread spread_of(const std::vector<std::uint64_t>& answered);

}  // namespace stockfold
