// The campaign of histories: ledgers are asked, killed and asked again, and all their answers are judged.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "histories/linearizability.h"
#include "histories/scheduled_ledger.h"
#include "histories/served_ledger.h"
#include "support/campaign_options.h"
#include "support/temporary_directory.h"
#include "tools/load/random.h"

namespace stockfold {
namespace {

struct Options {
  double minutes = 5;
  std::uint64_t seed = 1;
  std::uint32_t clients = 0;  ///< 0: random, from 8 to 32.
  bool json = false;
};

/// The results for one kind of history.
struct Row {
  std::string_view what;
  std::string round;  ///< While it runs: what reproduces a failure.
  bool is_sound = true;
  Flaw flaw = Flaw::none;  ///< In process.
  std::size_t histories = 0;
  std::size_t operations = 0;
  std::size_t kills = 0;  ///< And power cuts.
  std::size_t pauses = 0;
  std::size_t unknown = 0;  ///< Commands whose answer was lost.
  std::size_t largest = 0;  ///< The most operations that had to be put into one order.
  std::size_t longest = 0;  ///< Search: configurations.
  std::size_t linearizable = 0;
  std::size_t violated = 0;
  std::size_t undecided = 0;

  /// All histories of a sound ledger have an order; those of a broken one have none.
  [[nodiscard]] bool is_good() const { return (is_sound ? linearizable : violated) == histories; }
};

void count(const History& history, const SearchResult& result, Row& row) {
  ++row.histories;
  row.operations += history.size();
  row.unknown += static_cast<std::size_t>(std::ranges::count_if(history, [](const Operation& operation) {
    return !is_told(operation) && std::holds_alternative<Command>(operation.asked);
  }));
  row.largest = std::max(row.largest, result.operations);
  row.longest = std::max(row.longest, result.configurations);
  ++(result.found == Linearizability::linearizable ? row.linearizable
     : result.found == Linearizability::violated   ? row.violated
                                                   : row.undecided);
}

void tell(const Row& row, Linearizability found, std::string_view why) {
  fmt::print(stderr, "\n{}, {}: {}\n{}\n", row.what, row.round, name_of(found), why);
}

/// Judges a sound ledger with both judges. The first judge gets a starting order only if it would not end
/// otherwise.
void judge(const History& history, const LoggedCommands& log, Row& row) {
  SearchResult result = find_order(history);
  if (result.found == Linearizability::undecided) result = find_order(history, {}, log);
  if (result.found == Linearizability::linearizable) {
    if (auto misplaced = wrong_in_order_of_positions(history, log)) {
      result.found = Linearizability::violated;
      result.window = std::move(*misplaced);
    }
  }
  count(history, result, row);
  if (result.found != Linearizability::linearizable) tell(row, result.found, result.window);
}

void judge_served(const Options& options, std::uint64_t seed, Row& row) {
  Random random(seed);
  const TemporaryDirectory directory;
  ServedOptions served{.scratch = directory.path(), .seed = seed};
  served.clients = options.clients != 0 ? options.clients : 8 + random.below(25);
  served.in_flight = 1 + random.below(16);
  served.shelves = 1 + random.below(3);
  served.operations = 1'000 + random.below(3'000);
  served.kills = random.below(4);
  served.pauses = random.below(2);
  const ServedRun run = run_served(served);
  row.kills += served.kills;
  row.pauses += served.pauses;
  judge(run.history, run.log, row);
}

void judge_scheduled(std::uint64_t seed, Row& row) {
  Random random(seed);
  ScheduleOptions scheduled{.seed = seed};
  scheduled.clients = 2 + random.below(15);
  scheduled.in_flight = 1 + random.below(8);
  scheduled.shelves = 1 + random.below(2);
  scheduled.operations = 50 + random.below(1'950);
  const ScheduledRun run = run_schedule(scheduled);
  row.kills += run.power_cuts;
  judge(run.history, run.log, row);
}

struct Disturbed {
  History history;
  std::size_t kills = 0;
};

Disturbed run_flawed(std::uint64_t seed, Flaw flaw) {
  if (flaw != Flaw::none) {
    ScheduledRun run = run_schedule({.seed = seed, .flaw = flaw});
    return {std::move(run.history), run.power_cuts};
  }
  const TemporaryDirectory directory;
  const ServedOptions served{
      .scratch = directory.path(), .seed = seed, .operations = 600, .pauses = 0, .forgets = true};
  return {run_served(served).history, served.kills};
}

/// A schedule may miss a flaw, three seeds never do: the last of them counts.
void judge_flawed(std::uint64_t seed, Row& row) {
  constexpr std::uint64_t kSeeds = 3;
  for (std::uint64_t i = 0; i < kSeeds; ++i) {
    const Disturbed run = run_flawed(seed * kSeeds + i, row.flaw);
    const SearchResult result = find_order(run.history);
    const bool is_found = result.found == Linearizability::violated;
    if (!is_found && i + 1 < kSeeds) continue;
    row.kills += run.kills;
    count(run.history, result, row);
    if (!is_found) tell(row, result.found, "the flaw was not detected");
    return;
  }
}

constexpr std::array kColumns = {"histories", "operations", "kills",        "pauses",   "unknown",
                                 "largest",   "longest",    "linearizable", "violated", "undecided"};

std::array<std::size_t, kColumns.size()> figures(const Row& row) {
  return {row.histories, row.operations, row.kills,        row.pauses,   row.unknown,
          row.largest,   row.longest,    row.linearizable, row.violated, row.undecided};
}

std::string table_of(const std::vector<Row>& rows) {
  std::string text = fmt::format("{:<28}", "ledger");
  for (const char* column : kColumns) text += fmt::format(" {:>12}", column);
  text += '\n';
  for (const Row& row : rows) {
    text += fmt::format("{:<28}", row.what);
    for (const std::size_t figure : figures(row)) text += fmt::format(" {:>12}", figure);
    text += row.is_good() ? "\n" : "  NOT AS PROMISED\n";
  }
  return text;
}

std::string json_of(const std::vector<Row>& rows) {
  std::string text;
  for (const Row& row : rows) {
    text += fmt::format(R"({{"ledger":"{}")", row.what);
    const auto numbers = figures(row);
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
      text += fmt::format(R"(,"{}":{})", kColumns[i], numbers[i]);
    }
    text += fmt::format(R"(,"ok":{}}})", row.is_good()) + "\n";
  }
  return text;
}

void judge_round(const Options& options, std::uint64_t seed, std::vector<Row>& rows) {
  judge_served(options, seed, rows[0]);
  for (std::uint64_t i = 0; i < 10; ++i) judge_scheduled(seed * 10 + i, rows[1]);
  judge_flawed(seed, rows[2]);
  for (std::size_t i = 3; i < rows.size(); ++i) {
    for (std::uint64_t j = 0; j < 5; ++j) judge_flawed(seed * 5 + j, rows[i]);
  }
}

int run(const Options& options) {
  using Clock = std::chrono::steady_clock;
  const auto begun = Clock::now();
  const auto passed = [begun] { return std::chrono::duration<double>(Clock::now() - begun).count(); };
  std::vector<Row> rows{{.what = "served, killed and paused"},
                        {.what = "in process"},
                        {.what = "served, and forgets", .is_sound = false}};
  for (const Flaw flaw :
       {Flaw::second_writer, Flaw::answer_before_sync, Flaw::version_before_receipt, Flaw::stale_read}) {
    rows.push_back({.what = name_of(flaw), .is_sound = false, .flaw = flaw});
  }
  constexpr std::uint64_t kRounds = 1'000'000;  // per seed, so that the rounds of two seeds differ
  for (std::uint64_t round = 0; round == 0 || passed() < options.minutes * 60; ++round) {
    const std::uint64_t seed = options.seed * kRounds + round;
    for (Row& row : rows) row.round = fmt::format("seed {}, round {}", options.seed, round + 1);
    try {
      judge_round(options, seed, rows);
    } catch (const std::exception& error) {
      fmt::print(stderr, "\n{}: {}\n", rows.front().round, error.what());
      return 1;
    }
    if (::isatty(STDERR_FILENO) == 1) {
      fmt::print(stderr, "\r{} histories of a served ledger, {:.0f} of {:.0f} s   ", rows[0].histories,
                 passed(), options.minutes * 60);
      std::fflush(stderr);
    }
  }
  if (::isatty(STDERR_FILENO) == 1) fmt::print(stderr, "\n");
  fmt::print("{}", options.json ? json_of(rows) : table_of(rows));
  if (!options.json) fmt::print("seed {}, {:.0f} s\n", options.seed, passed());
  return std::ranges::all_of(rows, &Row::is_good) ? 0 : 1;
}

}  // namespace
}  // namespace stockfold

int main(int argc, char** argv) {
  stockfold::Options options;
  CLI::App app(
      "runs clients against ledgers, kills the ledgers, and looks for an order that explains every answer",
      "stockfold_histories");
  app.add_option("--minutes", options.minutes, "how long to run; at least one round")
      ->type_name("N")
      ->check(CLI::Range(0.0, 100'000.0))
      ->capture_default_str();
  stockfold::add_seed(app, options.seed);
  app.add_option("--clients", options.clients,
                 "number of clients of a served ledger; default: random, 8 to 32")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000));
  stockfold::add_json(app, options.json);
  CLI11_PARSE(app, argc, argv);
  return stockfold::run(options);
}
