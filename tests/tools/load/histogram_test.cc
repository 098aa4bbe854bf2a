#include "tools/load/histogram.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace stockfold {
namespace {

TEST(Histogram, IsZeroWhenEmpty) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.at(0.5), 0U);
}

TEST(Histogram, KeepsSmallValuesExactly) {
  Histogram histogram;
  for (std::uint64_t value = 1; value <= 100; ++value) histogram.record(value);
  EXPECT_EQ(histogram.at(0), 1U);
  EXPECT_EQ(histogram.at(0.5), 50U);
  EXPECT_EQ(histogram.at(0.99), 99U);
  EXPECT_EQ(histogram.at(1), 100U);
}

TEST(Histogram, AcceptsTheGreatestValue) {
  Histogram histogram;
  histogram.record(UINT64_MAX);
  EXPECT_EQ(histogram.at(1), UINT64_MAX);
  EXPECT_EQ(histogram.max(), UINT64_MAX);
}

RC_GTEST_PROP(Histogram, IsWithinOnePercentOfTheSortedValues, ()) {
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

TEST(Histogram, ComputesMeanAndDeviation) {
  Histogram histogram;
  EXPECT_EQ(histogram.mean(), 0);
  EXPECT_EQ(histogram.deviation(), 0);
  for (const std::uint64_t value : {2U, 4U, 4U, 4U, 5U, 5U, 7U, 9U}) histogram.record(value);
  EXPECT_EQ(histogram.mean(), 5);
  EXPECT_EQ(histogram.deviation(), 2);
}

TEST(Histogram, AddsAnotherHistogram) {
  Histogram one;
  Histogram other;
  one.record(3);
  other.record(1);
  other.record(200);
  one.add(other);
  EXPECT_EQ(one.count(), 3U);
  EXPECT_EQ(one.max(), 200U);
  EXPECT_EQ(one.mean(), 68);
  EXPECT_EQ(one.at(0.5), 3U);
}

TEST(Histogram, MatchesHdrHistogramFormat) {
  Histogram histogram;
  for (std::uint64_t value = 1; value <= 100; ++value) histogram.record(value);
  const std::string text = percentile_text(histogram, 10);
  const std::string head =
      "       Value     Percentile TotalCount 1/(1-Percentile)\n"
      "\n"
      "       0.100 0.000000000000          1           1.00\n"
      "       1.000 0.100000000000         10           1.11\n"
      "       2.000 0.200000000000         20           1.25\n"
      "       3.000 0.300000000000         30           1.43\n"
      "       4.000 0.400000000000         40           1.67\n"
      "       5.000 0.500000000000         50           2.00\n";
  const std::string tail =
      "      10.000 1.000000000000        100\n"
      "#[Mean    =        5.050, StdDeviation   =        2.887]\n"
      "#[Max     =       10.000, Total count    =          100]\n"
      "#[Buckets =           57, SubBuckets     =          128]\n";
  EXPECT_EQ(text.substr(0, head.size()), head);
  EXPECT_TRUE(text.ends_with(tail)) << text;
}

TEST(Histogram, IsPrintedWhenEmpty) {
  EXPECT_EQ(percentile_text(Histogram(), 1),
            "       Value     Percentile TotalCount 1/(1-Percentile)\n\n"
            "       0.000 1.000000000000          0\n"
            "#[Mean    =        0.000, StdDeviation   =        0.000]\n"
            "#[Max     =        0.000, Total count    =            0]\n"
            "#[Buckets =           57, SubBuckets     =          128]\n");
}

}  // namespace
}  // namespace stockfold
