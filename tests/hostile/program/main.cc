// Hostile clients, overload and real faults in full, against real processes.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "hostile/program/report.h"
#include "hostile/program/small_disk.h"
#include "storage/files/scratch_directory.h"
#include "support/campaign_options.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

/// The share of their rate that honest clients must keep, and the share of the peak that an overloaded ledger
/// must answer.
constexpr double kLeastShare = 0.5;
constexpr double kLeastOfPeak = 0.6;

struct Options {
  std::uint32_t seconds = 10;
  std::uint64_t kills = 500;
  std::uint64_t seed = 1;
  std::vector<std::string> scenarios;  ///< Empty: all of them.
  bool json = false;
};

void show(const std::string& text) {
  if (::isatty(STDERR_FILENO) != 1) return;
  fmt::print(stderr, "\r{:<60}\r", text);
  std::fflush(stderr);
}

FaultProgress progress_of(std::string_view name, std::uint64_t all) {
  return [name, all](std::uint64_t done) { show(fmt::format("{}: {} of {}", name, done, all)); };
}

class Campaign {
 public:
  Campaign(const Options& options, const std::filesystem::path& scratch)
      : options_(options), scratch_(scratch), format_(options.json ? Format::json : Format::table) {}

  /// Returns whether every promise was kept.
  bool run(SmallDisk* disk) {
    sieges();
    if (wanted("overload")) {
      show("overload");
      const OverloadOptions overloaded{.measured = measured(), .seed = options_.seed, .runs = 3};
      const OverloadResult result = overload(overloaded, kLeastOfPeak);
      tell(overload_header(format_), text_of("overload", result, format_), result.broken.empty());
    }
    faults(disk);
    return good_;
  }

  [[nodiscard]] bool wanted(std::string_view name) const {
    return options_.scenarios.empty() ||
           std::ranges::find(options_.scenarios, name) != options_.scenarios.end();
  }

 private:
  [[nodiscard]] std::chrono::milliseconds measured() const { return std::chrono::seconds(options_.seconds); }

  void tell(const std::string& header, const std::string& text, bool is_good) {
    show("");
    if (header != header_) fmt::print("{}", header);
    header_ = header;
    fmt::print("{}", text);
    std::fflush(stdout);
    good_ = good_ && is_good;
  }

  void sieges() {
    SiegeOptions siege{.measured = measured(), .deadlines = {}, .seed = options_.seed, .runs = 3};
    siege.deadlines.idle = measured() + std::chrono::seconds(5);
    for (const Scenario& scenario : all_scenarios(1, siege.deadlines)) {
      if (!wanted(scenario.name) && !wanted("sieges")) continue;
      show(scenario.name + ": " + scenario.text);
      const SiegeResult result = besiege(scenario, siege, kLeastShare);
      tell(siege_header(format_), text_of(scenario.name, result, format_), result.broken.empty());
    }
  }

  void faults(SmallDisk* disk) {
    if (wanted("kills")) {
      tell_fault("kills",
                 kill_often(scratch_, options_.kills, options_.seed, progress_of("kills", options_.kills)));
    }
    const std::uint64_t stops = std::max<std::uint64_t>(options_.kills / 5, 1);
    if (wanted("stops"))
      tell_fault("stops", stop_often(scratch_, stops, options_.seed, progress_of("stops", stops)));
    const std::uint64_t times = std::max<std::uint64_t>(options_.kills / 50, 1);
    if (disk != nullptr) {
      tell_fault("full-disk", fill_often(*disk, times, options_.seed, progress_of("full-disk", times)));
    }
  }

  void tell_fault(std::string_view name, const FaultResult& result) {
    tell(fault_header(format_), text_of(name, result, format_), result.is_good());
  }

  const Options& options_;
  const std::filesystem::path& scratch_;
  Format format_;
  std::string header_;
  bool good_ = true;
};

std::vector<std::string> names() {
  std::vector<std::string> names;
  for (const Scenario& scenario : all_scenarios(1, {})) names.push_back(scenario.name);
  names.insert(names.end(), {"sieges", "overload", "kills", "stops", "full-disk"});
  return names;
}

int run(const Options& options) {
  const TemporaryDirectory scratch;
  Campaign campaign(options, scratch.path());
  std::unique_ptr<SmallDisk> disk;
  if (campaign.wanted("full-disk")) {
    auto mounted = mount_small_disk(scratch.path() / "disk");
    if (!mounted) {
      fmt::print(stderr, "stockfold_hostile: full-disk: {}\n", mounted.error());
      return 1;
    }
    disk = std::move(*mounted);
  }
  const bool is_good = campaign.run(disk.get());
  if (!options.json)
    fmt::print("seed {}: {}\n", options.seed, is_good ? "every promise was kept" : "PROMISES WERE BROKEN");
  return is_good ? 0 : 1;
}

}  // namespace
}  // namespace stockfold

int main(int argc, char** argv) {
  stockfold::Options options;
  CLI::App app("attacks, overloads and kills a ledger, and fills its disk; exit 1 if a promise was broken",
               "stockfold_hostile");
  app.add_option("--seconds", options.seconds, "how long each load of honest clients is measured")
      ->type_name("N")
      ->check(CLI::Range(1, 3'600))
      ->capture_default_str();
  stockfold::add_count(app, "--kills", options.kills,
                       "number of kills; a fifth as many stops, a fiftieth as many full disks");
  stockfold::add_seed(app, options.seed);
  stockfold::add_json(app, options.json);
  app.add_option("scenario", options.scenarios, "default: all; sieges: those with hostile clients")
      ->type_name("SCENARIO")
      ->check(CLI::IsMember(stockfold::names()));
  CLI11_PARSE(app, argc, argv);
  try {
    return stockfold::run(options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "stockfold_hostile: {}\n", error.what());
    return 1;
  }
}
