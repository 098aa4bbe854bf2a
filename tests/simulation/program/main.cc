// Simulations of the ledger on a failing disk, one seed after the other.
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "simulation/program/seeds.h"
#include "storage/files/scratch_directory.h"
#include "support/campaign_options.h"

namespace stockfold {
namespace {

struct Options {
  std::uint64_t seed = 0;  ///< 0: random.
  std::uint64_t seeds = 0;
  double minutes = 0;
  std::string only;
  bool json = false;
  unsigned processes = std::max(std::thread::hardware_concurrency(), 1U);
  std::string scratch = "/dev/shm";
  SimulationOptions simulation;
};

using Rows = std::vector<std::pair<std::string, std::uint64_t>>;

Rows rows_of(const SeedsReport& report) {
  const SimulationReport& all = report.all;
  Rows rows{{"seeds", report.seeds}};
  for (std::size_t end = 0; end < kEnds; ++end) {
    rows.emplace_back(std::string(name_of(static_cast<End>(end))), all.ends[end]);
  }
  rows.emplace_back("power cuts in all", all.cuts);
  rows.emplace_back("  before it was ready", all.cut_starts);
  rows.emplace_back("  after a lack of room", all.cuts_after_full);
  rows.emplace_back("  after an error", all.cuts_after_error);
  rows.emplace_back("stalls", all.stalls);
  rows.emplace_back("  seconds of stalls", all.stalled_seconds);
  rows.emplace_back("closed at a deadline", all.let_go);
  rows.emplace_back("stopped, and reported it", all.faults_met);
  rows.emplace_back("torn tails cut", all.torn_tails);
  rows.emplace_back("changes to the disk", all.disk_changes);
  rows.emplace_back("commands sent", all.clients.commands);
  rows.emplace_back("  accepted", all.clients.accepted);
  rows.emplace_back("  refused", all.clients.refused);
  rows.emplace_back("  of them replays", all.clients.replayed);
  rows.emplace_back("  without an answer", all.clients.unknown);
  rows.emplace_back("  overloaded", all.clients.overloaded);
  rows.emplace_back("reads", all.clients.reads);
  rows.emplace_back("events", all.events);
  rows.emplace_back("promises broken", report.broken.size());
  return rows;
}

void print_table(const SeedsReport& report, std::uint64_t first, double seconds) {
  for (const auto& [name, count] : rows_of(report))
    fmt::print("{:<24}{:>14}\n", name, fmt::group_digits(count));
  fmt::print("seeds {} to {}, {:.0f} s, digest {:016x}\n", first, first + report.seeds - 1, seconds,
             report.all.digest);
}

void print_json(const SeedsReport& report, std::uint64_t first, double seconds) {
  fmt::print("{{\"first_seed\":{},\"seconds\":{:.1f}", first, seconds);
  for (auto [name, count] : rows_of(report)) {
    name.erase(0, name.find_first_not_of(' '));
    std::ranges::replace(name, ' ', '_');
    std::erase(name, ',');
    fmt::print(",\"{}\":{}", name, count);
  }
  fmt::print("}}\n");
}

void show(const SeedsReport& report, double seconds) {
  fmt::print(stderr, "\r{} seeds, {} power cuts, {} commands, {:.0f} s   ", report.seeds, report.all.cuts,
             report.all.clients.commands, seconds);
  std::fflush(stderr);
}

/// A signal asks for the state of a long run.
volatile std::sig_atomic_t is_asked = 0;

int run(Options options) {
  const auto scratch = ScratchDirectory::make(options.scratch);
  if (!scratch) {
    fmt::print(stderr, "stockfold_simulation: {}\n", scratch.error().what);
    return 1;
  }
  if (options.seed == 0) options.seed = std::random_device{}();
  if (!options.only.empty()) {
    for (std::size_t end = 0; end < kEnds; ++end) {
      options.simulation.ends[end] = name_of(static_cast<End>(end)) == options.only ? 1 : 0;
    }
  }
  SeedsOptions seeds;
  seeds.first = options.seed;
  seeds.processes = options.processes;
  seeds.scratch = scratch->path();
  seeds.simulation = options.simulation;
  if (options.minutes > 0) {
    seeds.time = std::chrono::seconds(static_cast<std::int64_t>(options.minutes * 60));
  } else {
    seeds.count = std::max<std::uint64_t>(options.seeds, 1);
  }
  spdlog::set_level(spdlog::level::off);  // what a ledger logs of its starts
  const auto begun = std::chrono::steady_clock::now();
  const auto seconds = [begun] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  };
  const auto print = [&](const SeedsReport& report) {
    for (const BrokenSeed& broken : report.broken)
      fmt::print(stderr, "seed {}: {}\n", broken.seed, broken.why);
    (options.json ? print_json : print_table)(report, options.seed, seconds());
    std::fflush(stdout);
  };
  std::signal(SIGUSR1, [](int) { is_asked = 1; });
  const bool is_watched = ::isatty(STDERR_FILENO) == 1;
  seeds.progress = [&](const SeedsReport& report) {
    if (is_watched) show(report, seconds());
    if (is_asked == 0) return;
    is_asked = 0;
    print(report);
  };
  const SeedsReport report = run_seeds(seeds);
  if (is_watched) fmt::print(stderr, "\n");
  print(report);
  return report.broken.empty() ? 0 : 1;
}

}  // namespace
}  // namespace stockfold

int main(int argc, char** argv) {
  stockfold::Options options;
  CLI::App app("runs the ledger on a failing disk, and checks its promises; exit 1 if it breaks one",
               "stockfold_simulation");
  app.add_option("--seed", options.seed, "the first seed; the same seed gives the same run")
      ->type_name("S")
      ->check(CLI::PositiveNumber);
  app.add_option("--seeds", options.seeds, "how many seeds, each one higher (1)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  app.add_option("--minutes", options.minutes, "run seeds for this long instead")
      ->type_name("M")
      ->check(CLI::PositiveNumber);
  stockfold::add_count(app, "--lives", options.simulation.lives, "lives of the ledger per seed");
  std::vector<std::string> ends;
  for (std::size_t end = 0; end < stockfold::kEnds; ++end) {
    ends.emplace_back(name_of(static_cast<stockfold::End>(end)));
  }
  app.add_option("--only", options.only, "end every life in one way")
      ->type_name("END")
      ->check(CLI::IsMember(ends));
  app.add_flag("--lie", options.simulation.syncs_lie,
               "make the disk's syncs do nothing: this must be detected");
  stockfold::add_count(app, "--processes", options.processes, "concurrent processes");
  stockfold::add_scratch(app, options.scratch);
  stockfold::add_json(app, options.json);
  CLI11_PARSE(app, argc, argv);
  return stockfold::run(options);
}
