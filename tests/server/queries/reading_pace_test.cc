#include "server/queries/reading_pace.h"

#include <gtest/gtest.h>

#include <chrono>

namespace stockfold {
namespace {

using std::chrono::milliseconds;
using Time = ReadingPace::Clock::time_point;

constexpr Time kBegun{std::chrono::hours(1)};

TEST(ReadingThread, RestsAsLongAsItReadDuringCommands) {
  ReadingPace pace(true);
  pace.committed(kBegun);
  pace.ended(kBegun, kBegun + milliseconds(20));
  EXPECT_EQ(pace.begins(kBegun + milliseconds(20)), kBegun + milliseconds(40));
  EXPECT_EQ(pace.begins(kBegun + milliseconds(30)), kBegun + milliseconds(40));
  EXPECT_EQ(pace.begins(kBegun + milliseconds(50)), kBegun + milliseconds(50)) << "it has rested since";
}

TEST(ReadingThread, LimitsRestAfterLongRead) {
  ReadingPace pace(true);
  const Time ended = kBegun + std::chrono::seconds(10);
  pace.ended(kBegun, ended);
  pace.committed(ended);
  EXPECT_EQ(pace.begins(ended), ended + ReadingPace::kLongestRest);
}

TEST(ReadingThread, DoesNotRestWithoutRecentCommands) {
  ReadingPace pace(true);
  const Time ended = kBegun + milliseconds(200);
  pace.ended(kBegun, ended);
  EXPECT_EQ(pace.begins(ended), ended) << "nothing was ever committed";
  pace.committed(kBegun);
  EXPECT_EQ(pace.begins(ended), ended) << "the last commit is long past";
}

TEST(ReadingThread, DoesNotRestWithEnoughProcessors) {
  ReadingPace pace(false);
  pace.committed(kBegun);
  pace.ended(kBegun, kBegun + milliseconds(20));
  EXPECT_EQ(pace.begins(kBegun + milliseconds(20)), kBegun + milliseconds(20));
}

TEST(TheReadingThread, ReturnsWhatItRead) {
  ReadingPace pace(true);
  pace.committed(ReadingPace::Clock::now());
  const auto begun = ReadingPace::Clock::now();
  const auto read_for_a_while = [] {
    const auto until = ReadingPace::Clock::now() + milliseconds(10);
    while (ReadingPace::Clock::now() < until) {
    }
    return 7;
  };
  EXPECT_EQ(pace.take(read_for_a_while), 7);
  EXPECT_EQ(pace.take([] { return 8; }), 8);
  EXPECT_GE(ReadingPace::Clock::now() - begun, milliseconds(20)) << "it rested in between";
}

}  // namespace
}  // namespace stockfold
