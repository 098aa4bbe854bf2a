// A ledger with hostile clients, overloaded, stopped, and unable to write: the short forms of the campaign.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stockfold/client.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "end_to_end/program.h"
#include "hostile/fairness.h"
#include "hostile/faults.h"
#include "hostile/overload.h"
#include "hostile/probe.h"
#include "hostile/siege.h"

namespace stockfold {
namespace {

using testing::IsEmpty;
using namespace std::chrono_literals;

/// The share of their rate that honest clients must keep here, where other tests may use the cores: it only
/// shows that they go on.
constexpr double kSomeShare = 0.01;

SiegeOptions quick() {
  return {.honest = 8,
          .measured = 200ms,
          .deadlines = {.hello = 500ms, .frame = 500ms, .write = 500ms, .idle = 1'500ms, .http = 500ms},
          .seed = std::random_device{}()};
}

/// Several scenarios at once.
Scenario all_of(const std::vector<std::string_view>& names, double share, const SiegeDeadlines& deadlines) {
  Scenario together{.name = "together", .text = "", .crowds = {}, .let_go = {}};
  for (Scenario& scenario : all_scenarios(share, deadlines)) {
    if (std::ranges::find(names, scenario.name) == names.end()) continue;
    std::ranges::move(scenario.crowds, std::back_inserter(together.crowds));
    together.let_go = std::max(together.let_go, scenario.let_go);
  }
  return together;
}

TEST(Spread, ComparesLeastAndMostServedWithAverage) {
  const Spread spread = spread_of({50, 100, 150});
  EXPECT_DOUBLE_EQ(spread.least, 0.5);
  EXPECT_DOUBLE_EQ(spread.most, 1.5);
  EXPECT_EQ(spread_of({0, 0}).least, 0);
}

TEST(HostileClients, AreClosedAtDeadlinesWhileOthersAreServed) {
  const SiegeOptions options = quick();
  SCOPED_TRACE("seed " + std::to_string(options.seed));
  const Scenario scenario = all_of(
      {"idle", "slow-hello", "slow-frame", "slow-mebibyte", "half-open", "deaf-reads", "deaf-followers",
       "deaf-commands", "storm", "bad-frames", "http-slow", "http-deaf", "http-storm"},
      0.02, options.deadlines);
  const SiegeResult result = besiege(scenario, options, kSomeShare);
  EXPECT_THAT(result.broken, IsEmpty());
  EXPECT_GT(result.turned_out, 0U);
}

TEST(HostileClients, CannotStarveOthersByFloodingRequests) {
  const SiegeOptions options = quick();
  SCOPED_TRACE("seed " + std::to_string(options.seed));
  const Scenario scenario =
      all_of({"pipeline", "reads", "malformed", "large-orders"}, 0.25, options.deadlines);
  EXPECT_THAT(besiege(scenario, options, kSomeShare).broken, IsEmpty());
}

TEST(Overload, IsRefusedAtOnceAndExecutesAnsweredCommandsOnce) {
  const OverloadOptions options{
      .measured = 300ms, .connections = 32, .queue = 64, .seed = std::random_device{}()};
  SCOPED_TRACE("seed " + std::to_string(options.seed));
  EXPECT_THAT(overload(options, kSomeShare).broken, IsEmpty());
}

TEST(FileDescriptors, AreReservedForStoreWhenClientsExhaustThem) {
  constexpr rlim_t kFiles = 300;
  const rlimit few{.rlim_cur = kFiles, .rlim_max = kFiles};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);  // also for the server, which this program starts
  TemporaryDirectory directory;
  ServedLedger server(directory.path() / "data");
  const auto client = Client::connect({.port = server.port()});
  ASSERT_TRUE(client.has_value()) << client.error().what;
  const Crowd crowd(server.port(), 250, {}, 1);
  while (crowd.connects() < 1'000) std::this_thread::yield();  // rejected connections come again
  EXPECT_LE(open_sockets(server.pid()), kFiles / 2 + 20);
  EXPECT_TRUE((*client)->execute({.body = RegisterProduct{*Sku::parse("A"), "", 1}}).has_value());
  EXPECT_EQ(server.terminate(), 0);
}

TEST(Faults, StoppedProcessContinuesWithoutLoss) {
  TemporaryDirectory directory;
  const FaultResult result = stop_often(directory.path(), 1, std::random_device{}(), {});
  EXPECT_TRUE(result.is_good()) << result.tally.broken;
  EXPECT_THAT(result.broken, IsEmpty());
  EXPECT_GT(result.tally.acknowledged, 0U);
}

/// A limit on the size of files, which needs no rights: a write beyond it fails like a write to a full disk.
class LimitedFiles final : public SmallDisk {
 public:
  explicit LimitedFiles(std::filesystem::path place) : place_(std::move(place)) {
    signal(SIGXFSZ, SIG_IGN);  // also for the server, which inherits it: the write returns an error
    grow();
  }
  [[nodiscard]] std::filesystem::path path() const override { return place_; }
  [[nodiscard]] bool stays_full() const override { return false; }  // a new file has room again
  void grow() override {
    rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes_ *= 2;
    setrlimit(RLIMIT_FSIZE, &limit);
  }

 private:
  std::filesystem::path place_;
  rlim_t bytes_ = 64U << 10;
};

TEST(Faults, LedgerThatCannotWriteStopsAndLosesNothing) {
  TemporaryDirectory directory;
  LimitedFiles disk(directory.path() / "data");
  const FaultResult result = fill_often(disk, 1, std::random_device{}(), {});
  EXPECT_TRUE(result.tally.is_good()) << result.tally.broken;
  EXPECT_THAT(result.broken, IsEmpty());
  EXPECT_GT(result.tally.unknown, 0U);
}

}  // namespace
}  // namespace stockfold
