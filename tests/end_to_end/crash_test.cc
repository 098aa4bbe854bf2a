// kill -9 under pipelined load, again and again: what was acknowledged is there, once, and nothing else.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "end_to_end/crash_load.h"
#include "end_to_end/program.h"

namespace stockfold {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kKills = 10;  // sanitized processes are slow; the fifty are killed in the other builds
#else
constexpr int kKills = 50;
#endif

TEST(Crash, LosesNothingAcknowledgedOverManyKills) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  TemporaryDirectory directory;
  const auto data = directory.path() / "data";

  CrashLoad load(random());
  std::vector<double> restarts;
  auto server = std::make_unique<ServedLedger>(data);
  load.register_products(*server);
  for (int kill = 0; kill < kKills; ++kill) {
    load.begin(*server);
    std::this_thread::sleep_for(std::chrono::milliseconds(30 + random() % 100));  // the load is the test
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
  EXPECT_EQ(tally.invented, 0U) << "the log holds a command that nobody sent";
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

}  // namespace
}  // namespace stockfold
