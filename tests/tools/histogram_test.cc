#include "tools/histogram.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace stockfold {
namespace {

TEST(AHistogram, OfNothingIsZero) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.at(0.5), 0U);
}

TEST(AHistogram, KeepsSmallValuesExactly) {
  Histogram histogram;
  for (std::uint64_t value = 1; value <= 100; ++value) histogram.record(value);
  EXPECT_EQ(histogram.at(0), 1U);
  EXPECT_EQ(histogram.at(0.5), 50U);
  EXPECT_EQ(histogram.at(0.99), 99U);
  EXPECT_EQ(histogram.at(1), 100U);
}

TEST(AHistogram, TakesTheGreatestValue) {
  Histogram histogram;
  histogram.record(UINT64_MAX);
  EXPECT_EQ(histogram.at(1), UINT64_MAX);
  EXPECT_EQ(histogram.max(), UINT64_MAX);
}

RC_GTEST_PROP(AHistogram, IsWithinOnePercentOfTheSortedValues, ()) {
  auto values = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::uint64_t>>(
      rc::gen::map(rc::gen::pair(rc::gen::arbitrary<std::uint64_t>(), rc::gen::inRange(0, 64)),
                   [](const std::pair<std::uint64_t, int>& pair) { return pair.first >> pair.second; })));
  Histogram histogram;
  for (const auto value : values) histogram.record(value);
  std::ranges::sort(values);

  const auto rank = *rc::gen::inRange<std::size_t>(1, values.size() + 1);
  const double share = static_cast<double>(rank) / static_cast<double>(values.size());
  const auto exact = static_cast<double>(
      values[static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size()))) - 1]);
  const auto found = static_cast<double>(histogram.at(share));
  RC_ASSERT(found >= exact);
  RC_ASSERT(found <= exact * 1.01);
}

}  // namespace
}  // namespace stockfold
