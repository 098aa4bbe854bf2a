// The real code on a simulated disk, for some lives: the long form is scripts/simulation.
#include "simulation/simulation.h"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <variant>

#include "simulation/simulated_clock.h"
#include "simulation/simulated_disk.h"
#include "simulation/simulated_env.h"
#include "simulation/simulated_ledger.h"
#include "storage/rocksdb_environment.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

SimulationReport simulate(const SimulationOptions& options) {
  spdlog::set_level(spdlog::level::off);  // what a ledger says of its starts
  const TemporaryDirectory directory;
  return simulate(directory.path(), options);
}

constexpr std::array<unsigned, kEnds> only(End end) {
  std::array<unsigned, kEnds> ends{};
  ends[static_cast<std::size_t>(end)] = 1;
  return ends;
}

TEST(Simulation, KeepsItsPromisesOverFixedSeeds) {
  SimulationReport all;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    EXPECT_NO_THROW(all += simulate({.seed = seed}));
  }
  for (std::size_t end = 0; end < kEnds; ++end) {
    EXPECT_GT(all.ends[end], 0U) << "no life ended by a " << name_of(static_cast<End>(end));
  }
  EXPECT_GT(all.cut_starts, 0U);
  EXPECT_GT(all.cuts_after_full, 0U);
  EXPECT_GT(all.cuts_after_error, 0U);
  EXPECT_GT(all.stalls, 0U);
  EXPECT_GT(all.let_go, 0U);
  EXPECT_GT(all.faults_met, 0U);
  EXPECT_GT(all.clients.accepted, 0U);
  EXPECT_GT(all.clients.replayed, 0U);
}

TEST(Simulation, KeepsItsPromisesOverFreshSeeds) {
  const char* const set = std::getenv("STOCKFOLD_SIMULATION_SECONDS");
  const std::chrono::seconds most(set == nullptr ? 60 : std::stol(set));
  const auto begun = std::chrono::steady_clock::now();
  const std::uint64_t first = std::random_device{}();
  SimulationReport all;
  std::uint64_t seed = first;
  do {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", the first was " + std::to_string(first));
    EXPECT_NO_THROW(all += simulate({.seed = seed}));
    ++seed;
  } while (!HasFailure() && std::chrono::steady_clock::now() - begun < most);
  std::cout << seed - first << " seeds from " << first << ", " << all.cuts << " power cuts, "
            << all.cuts_after_full << " of them on a full disk\n";
}

TEST(Simulation, IsTheSameForTheSameSeed) {
  EXPECT_EQ(simulate({.seed = 7, .lives = 4}).digest, simulate({.seed = 7, .lives = 4}).digest);
  EXPECT_NE(simulate({.seed = 7, .lives = 4}).digest, simulate({.seed = 8, .lives = 4}).digest);
}

// A start that failed while a compaction waited (5), and the flush of an orderly end that met one that waited
// (37), were done in an order that was chance.
TEST(Simulation, IsTheSameWhereBackgroundWorkWaits) {
  for (const std::uint64_t seed : {5U, 37U}) {
    const std::uint64_t digest = simulate({.seed = seed}).digest;
    for (int again = 0; again < 2; ++again) {
      EXPECT_EQ(simulate({.seed = seed}).digest, digest) << "seed " << seed;
    }
  }
}

RecordedEvent registered(std::uint64_t position) {
  return {.position = GlobalPosition(position),
          .time = {},
          .version = StreamVersion(1),
          .identity = {},
          .actor = {},
          .event = ProductRegistered{*Sku::parse(std::to_string(position)), "", 1}};
}

// A log that was whole when it was looked at lost its end for good where the read that followed saw a wrong
// bit.
TEST(Simulation, LosesNothingToAReadThatFailsOnce) {
  spdlog::set_level(spdlog::level::off);
  const TemporaryDirectory directory;
  SimulatedClock clock(UnixMillis(1));
  const auto disk = std::make_shared<SimulatedDisk>(directory.path() / "store", 1, clock);
  SimulatedEnv env(disk);
  const StoreEnvironment environment{&env};
  const auto in_a_life = [&](const auto& live) {
    {
      const auto ledger = SimulatedLedger::start(directory.path() / "store", environment, env, clock);
      live(ledger);
      disk->stop();
    }
    disk->start();
  };
  int refused = 0;
  for (std::uint64_t position = 1; position <= 20; ++position) {
    in_a_life([&](const auto& ledger) {
      ASSERT_TRUE(ledger.has_value()) << ledger.error().what;
      EventLog& log = (*ledger)->store().log();
      ASSERT_EQ(log.head().position, GlobalPosition(position - 1)) << "what was acknowledged is gone";
      Commit commit;
      commit.events.push_back(registered(position));
      ASSERT_TRUE(std::holds_alternative<Appended>(log.append(GlobalPosition(position - 1), commit)));
    });
    disk->set_faults({.flip = 500'000, .files = ".log", .most = 1});
    in_a_life([&](const auto& ledger) { refused += ledger ? 0 : 1; });
  }
  EXPECT_GT(refused, 0);
}

// A start that failed where the log's directory was to become durable left it there for the next, which went
// on with it, and the power cut after that took all of it.
TEST(Simulation, KeepsALogWhoseMakingWasInterrupted) {
  const auto directory_syncs_fail = only(End::disk_error);
  EXPECT_NO_THROW(simulate({.seed = 1605, .lives = 4}));
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SimulationOptions options{.seed = seed, .lives = 4, .ends = directory_syncs_fail, .steps = 20};
    options.ends[static_cast<std::size_t>(End::power_cut)] = 1;
    EXPECT_NO_THROW(simulate(options)) << "seed " << seed;
  }
}

// What is checked is what breaks: a disk that only says that it has synced.
TEST(Simulation, FindsAnAcknowledgementBeforeTheSync) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    EXPECT_THROW(simulate({.seed = seed, .ends = only(End::power_cut), .syncs_lie = true}), Violation);
  }
}

}  // namespace
}  // namespace stockfold
