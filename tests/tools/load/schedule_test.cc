#include "tools/load/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <vector>

#include "tools/load/pace.h"

namespace stockfold {
namespace {

constexpr Nanos kSecond = 1'000'000'000;

TEST(Schedule, IsDueAtFixedTimes) {
  Schedule schedule(4, 2, 1, 100);
  EXPECT_EQ(schedule.next_due(), 100);
  schedule.advance();
  EXPECT_EQ(schedule.next_due(), 100 + kSecond / 4);
  EXPECT_EQ(schedule.due(8), 100 + 2 * kSecond);
}

TEST(Schedule, DoesNotDriftInAnHour) {
  const Schedule schedule(300'000, 64, 8, 0);
  EXPECT_NEAR(static_cast<double>(schedule.due(300'000ULL * 3'600)), 3'600e9, 1e3);
}

TEST(Schedule, GivesEveryConnectionItsTurn) {
  for (const std::size_t burst : {1U, 4U}) {
    const Schedule schedule(1'000, 3, burst, 7);
    std::array<std::uint64_t, 3> counts{};
    for (std::uint64_t number = 0; number < 120; ++number) {
      const std::size_t connection = schedule.connection_of(number);
      EXPECT_EQ(schedule.due(connection, counts[connection]++), schedule.due(number));
    }
    EXPECT_THAT(counts, ::testing::Each(40));
  }
}

TEST(Schedule, GivesConnectionItsCommandsInBursts) {
  const Schedule schedule(1'000, 3, 2, 7);
  std::vector<std::size_t> connections(8);
  for (std::size_t number = 0; number < connections.size(); ++number) {
    connections[number] = schedule.connection_of(number);
  }
  EXPECT_THAT(connections, ::testing::ElementsAre(0, 0, 1, 1, 2, 2, 0, 0));
}

TEST(Pace, FindsSlowestSecondAndLongestGap) {
  Pace pace(kSecond);
  for (int i = 0; i < 10; ++i) pace.record(kSecond + i * kSecond / 10);
  for (int i = 0; i < 3; ++i) pace.record(2 * kSecond + i * kSecond / 10);
  for (int i = 0; i < 5; ++i) pace.record(3 * kSecond + i * kSecond / 10);
  pace.close(4 * kSecond);
  EXPECT_EQ(pace.slowest_second(), 3U);
  EXPECT_EQ(pace.longest_gap(), kSecond * 8 / 10);
}

TEST(Pace, CountsSecondWithoutAnswers) {
  Pace pace(0);
  pace.record(1);
  pace.record(2 * kSecond + 1);
  pace.close(3 * kSecond);
  EXPECT_EQ(pace.slowest_second(), 0U);
  EXPECT_EQ(pace.longest_gap(), 2 * kSecond);
}

TEST(Pace, CountsSilenceAtTheEnd) {
  Pace pace(0);
  pace.record(kSecond / 2);
  pace.close(5 * kSecond);
  EXPECT_EQ(pace.slowest_second(), 0U);
  EXPECT_EQ(pace.longest_gap(), kSecond * 9 / 2);
}

TEST(Pace, IgnoresIncompleteSecond) {
  Pace pace(0);
  pace.record(1);
  pace.record(2);
  pace.record(kSecond + 1);
  pace.close(kSecond + 2);
  EXPECT_EQ(pace.slowest_second(), 2U);
}

TEST(Pace, CountsAllAnswersOfShortRun) {
  Pace pace(0);
  pace.record(1);
  pace.close(kSecond / 2);
  EXPECT_EQ(pace.slowest_second(), 1U);
}

}  // namespace
}  // namespace stockfold
