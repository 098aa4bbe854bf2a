#include "hostile/fairness.h"

#include <algorithm>
#include <numeric>

namespace stockfold {

Spread spread_of(const std::vector<std::uint64_t>& answered) {
  const auto all = std::accumulate(answered.begin(), answered.end(), std::uint64_t{0});
  if (all == 0) return {};
  const double average = static_cast<double>(all) / static_cast<double>(answered.size());
  const auto [least, most] = std::ranges::minmax(answered);
  return {static_cast<double>(least) / average, static_cast<double>(most) / average};
}

}  // namespace stockfold
