// Histories of correct ledgers can be ordered; flaws of broken ledgers are detected.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <random>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

#include "histories/linearizability.h"
#include "histories/scheduled_ledger.h"
#include "histories/served_ledger.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

/// Both judges find no violation.
void hold(const History& history, const LoggedCommands& log) {
  const SearchResult result = find_order(history);
  EXPECT_EQ(result.found, Linearizability::linearizable)
      << name_of(result.found) << " after " << result.configurations << " configurations\n"
      << result.window;
  EXPECT_EQ(wrong_in_order_of_positions(history, log).value_or(""), "");
}

TEST(ScheduledLedger, IsLinearizable) {
  std::size_t power_cuts = 0;
  for (std::uint64_t seed = 1; seed <= 16; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const ScheduledRun run =
        run_schedule({.seed = seed, .shelves = 1 + static_cast<std::uint32_t>(seed % 2)});
    hold(run.history, run.log);
    power_cuts += run.power_cuts;
  }
  EXPECT_GT(power_cuts, 0U);
}

TEST(ScheduledLedger, LogsOrderThatNeedsNoSearch) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const ScheduledRun run = run_schedule({.seed = seed});
    const SearchResult result = find_order(run.history, {.configurations = run.history.size() + 1}, run.log);
    EXPECT_EQ(result.found, Linearizability::linearizable) << name_of(result.found);
  }
}

class SeededFlaw : public testing::TestWithParam<Flaw> {};

/// A schedule may miss a flaw: a power cut that loses nothing is not noticed. Three schedules never miss it.
TEST_P(SeededFlaw, IsDetectedWithinThreeSeeds) {
  for (std::uint64_t seed = 1; seed <= 15; seed += 3) {
    bool is_found = false;
    for (std::uint64_t i = 0; i < 3 && !is_found; ++i) {
      const ScheduledRun run = run_schedule({.seed = seed + i, .flaw = GetParam()});
      is_found = find_order(run.history).found == Linearizability::violated;
    }
    EXPECT_TRUE(is_found) << name_of(GetParam()) << ", seeds " << seed << " to " << seed + 2;
  }
}

INSTANTIATE_TEST_SUITE_P(OfALedger, SeededFlaw,
                         testing::Values(Flaw::second_writer, Flaw::answer_before_sync,
                                         Flaw::version_before_receipt, Flaw::stale_read));

TEST(ServedLedger, IsLinearizableOverKillsAndPauses) {
  TemporaryDirectory directory;
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  const ServedRun run = run_served({.scratch = directory.path(), .seed = seed, .kills = 2});
  EXPECT_GT(run.unknown, 0U);
  hold(run.history, run.log);
}

TEST(ServedLedger, IsLinearizableOnSeveralShelves) {
  TemporaryDirectory directory;
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  const ServedRun run = run_served({.scratch = directory.path(),
                                    .seed = seed,
                                    .clients = 24,
                                    .in_flight = 4,
                                    .shelves = 3,
                                    .operations = 1'500,
                                    .pauses = 0});
  hold(run.history, run.log);
}

TEST(ServedLedger, IsDetectedWhenItForgetsData) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  bool is_found = false;
  for (std::uint64_t i = 0; i < 3 && !is_found; ++i) {
    TemporaryDirectory directory;
    const ServedRun run = run_served(
        {.scratch = directory.path(), .seed = seed + i, .operations = 600, .pauses = 0, .forgets = true});
    is_found = find_order(run.history).found == Linearizability::violated;
  }
  EXPECT_TRUE(is_found);
}

/// Whether commands have been written to the log.
bool has_begun(const std::filesystem::path& data) {
  std::error_code not_yet;
  for (const auto& entry : std::filesystem::directory_iterator(data / "log", not_yet)) {
    if (entry.path().extension() == ".log" && entry.file_size(not_yet) > 10'000) return true;
  }
  return false;
}

/// Ends the process whose arguments name `data`, as a bug would.
void kill_whoever_serves(const std::string& data) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "cmdline");
    const std::string arguments{std::istreambuf_iterator<char>(file), {}};
    if (arguments.find(data + std::string(1, '\0')) == std::string::npos) continue;
    ASSERT_EQ(::kill(std::stoi(entry.path().filename()), SIGKILL), 0);
  }
}

TEST(ServedLedger, FailsItsRunWhenKilledFromOutside) {
  TemporaryDirectory directory;
  auto run = std::async(std::launch::async, [&directory] {
    return run_served({.scratch = directory.path(), .operations = 10'000'000, .kills = 0, .pauses = 0});
  });
  const auto data = directory.path() / "data";
  while (!has_begun(data)) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  kill_whoever_serves(data.string());
  EXPECT_THROW(run.get(), std::runtime_error);
}

}  // namespace
}  // namespace stockfold
