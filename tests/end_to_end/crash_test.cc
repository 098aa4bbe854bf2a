// kill -9 under pipelined load, again and again: all that was acknowledged is there once, and nothing else.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "end_to_end/crash_load.h"
#include "end_to_end/program.h"
#include "support/memory_directory.h"

namespace stockfold {
namespace {

constexpr int kKills = 10;                     ///< In each of the five tests, which run in parallel.
constexpr std::uint64_t kMostAnswers = 1'000;  ///< In a round, before the kill.

class Crash : public testing::TestWithParam<int> {};

TEST_P(Crash, LosesNoAcknowledgedCommandOverManyKills) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  MemoryDirectory directory;  // not on a disk, which would be slow; kill -9 loses nothing from memory
  const auto data = directory.path() / "data";

  CrashLoad load(random());
  std::vector<double> restarts;
  auto server = std::make_unique<ServedLedger>(data);
  load.register_products(*server);
  for (int kill = 0; kill < kKills; ++kill) {
    load.begin(*server);
    for (const std::uint64_t answers = random() % kMostAnswers; load.answers() < answers;)
      std::this_thread::yield();
    server->kill();
    load.end();
    server = std::make_unique<ServedLedger>(data);
    restarts.push_back(server->seconds_to_ready());
    load.retry(*server);
    ASSERT_TRUE(load.tally().is_good()) << load.tally().broken;
  }
  EXPECT_EQ(server->terminate(), 0);

  load.check(data);
  const CrashTally& tally = load.tally();
  EXPECT_EQ(tally.lost, 0U) << "an acknowledged command is not in the log";
  EXPECT_EQ(tally.twice, 0U) << "a command id happened twice";
  EXPECT_EQ(tally.changed, 0U) << "a command id had another outcome";
  EXPECT_EQ(tally.invented, 0U) << "the log holds a command that no client sent";
  EXPECT_EQ(tally.broken, "");
  EXPECT_GT(tally.accepted, 0U);
  EXPECT_LT(tally.accepted, tally.sent) << "the load should be refused now and then";

  std::ranges::sort(restarts);
  std::printf(
      "%d kills, %llu commands (%llu accepted), %llu commits; restart to ready: median %.3f s, longest %.3f "
      "s\n",
      kKills, static_cast<unsigned long long>(tally.sent), static_cast<unsigned long long>(tally.accepted),
      static_cast<unsigned long long>(tally.commits), restarts[restarts.size() / 2], restarts.back());
}

INSTANTIATE_TEST_SUITE_P(FiftyKills, Crash, testing::Range(1, 6));

}  // namespace
}  // namespace stockfold
