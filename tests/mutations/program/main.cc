// The mutation campaign in full: every byte of small stores, random places of a large one, and every forgery
// of records.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "mutations/byte_damage.h"
#include "mutations/campaign.h"
#include "mutations/forgeries.h"
#include "mutations/program/report.h"
#include "storage/files/scratch_directory.h"
#include "support/campaign_options.h"
#include "tools/load/random.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::uint64_t seed = 1;
  std::size_t places = 10'000;
  std::size_t events = 20'000;
  std::uint32_t share = 1;
  std::size_t forgeries = 8;
  unsigned workers = std::max(std::thread::hardware_concurrency(), 1U);
  std::string scratch = quick_directory().string();
  std::string only;  ///< The name of a sample store; empty: all of them.
  bool json = false;
};

/// The contents of a store's files; trials refer to them.
struct StoreFiles {
  Files now;
  Files older;
};

void add_bytes(std::size_t store, const std::string& name, const StoreFiles& files,
               const std::vector<ByteDamage>& damages, std::vector<Trial>& trials) {
  for (const ByteDamage& damage : damages) {
    trials.push_back(trial_of(store, name, damage, files.now, files.older));
  }
}

std::vector<Trial> all_trials(const std::vector<SampleStore>& stores, const std::vector<StoreFiles>& files,
                              const Options& options) {
  Random random(options.seed);
  std::vector<Trial> trials;
  const auto add = [&trials](std::vector<Trial> more) {
    trials.insert(trials.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  };
  const std::size_t large = stores.size() - 1;
  for (std::size_t store = 0; store < stores.size(); ++store) {
    const std::string& name = stores[store].name;
    const std::size_t places = options.forgeries;
    add(forged_rows(store, name, places));
    add(forged_records(store, name, places));
    add(forged_events(store, name, places));
    add(forged_views(store, name, places));
    const StoreFiles& of = files[store];
    const Files& done = store == 0 ? Files{} : files[store - 1].now;
    std::vector<ByteDamage> damages = store == large ? any_damage(of.now, of.older, options.places, random)
                                                     : every_damage(of.now, of.older, done, random);
    if (store != large && options.share > 1) {
      std::erase_if(damages, [&](const ByteDamage&) { return random.below(options.share) != 0; });
    }
    add_bytes(store, name, of, damages, trials);
  }
  return trials;
}

void show(std::size_t done, std::size_t all, std::chrono::steady_clock::time_point begun) {
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
  const double left =
      done == 0 ? 0 : taken.count() / static_cast<double>(done) * static_cast<double>(all - done);
  fmt::print(stderr, "\r{} of {} tried, {:.0f} s left   ", done, all, left);
  std::fflush(stderr);
}

int run(const Options& options) {
  const auto scratch = ScratchDirectory::make(options.scratch);
  if (!scratch) {
    fmt::print(stderr, "stockfold_mutations: {}\n", scratch.error().what);
    return 1;
  }
  const auto begun = std::chrono::steady_clock::now();
  const auto stores = make_sample_stores_apart(scratch->path() / "stores", options.events, options.seed);
  if (!stores) {
    fmt::print(stderr, "stockfold_mutations: {}\n", stores.error());
    return 1;
  }
  std::vector<StoreFiles> files;
  for (const SampleStore& store : *stores) files.push_back({read_files(store.dir), read_files(store.older)});
  std::vector<Trial> trials = all_trials(*stores, files, options);
  if (!options.only.empty()) {
    std::erase_if(trials, [&](const Trial& trial) { return (*stores)[trial.store].name != options.only; });
  }
  if (trials.empty()) {
    fmt::print(stderr, "stockfold_mutations: there is no store \"{}\"\n", options.only);
    return 2;
  }

  CampaignOptions campaign{
      .scratch = scratch->path(), .workers = options.workers, .progress = {}, .wrong = {}};
  campaign.wrong = [](const Trial& trial, const Judgement& judgement) {
    fmt::print(stderr, "{}: {}: {}\n", name_of(judgement.verdict), trial.text, judgement.why);
  };
  if (::isatty(STDERR_FILENO) == 1) {
    campaign.progress = [begun](std::size_t done, std::size_t all) { show(done, all, begun); };
  }
  const std::vector<Judgement> judgements = run_campaign(*stores, trials, campaign);
  if (campaign.progress) fmt::print(stderr, "\n");
  fmt::print("{}", options.json ? json_of(trials, judgements) : table_of(trials, judgements));
  if (!options.json) {
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
    fmt::print("seed {}, {:.0f} s\n", options.seed, taken.count());
  }
  return is_good(judgements) ? 0 : 1;
}

}  // namespace
}  // namespace stockfold

int main(int argc, char** argv) {
  stockfold::Options options;
  CLI::App app("damages stores in every way, and checks that the audit detects it; exit 1 if it does not",
               "stockfold_mutations");
  stockfold::add_seed(app, options.seed);
  stockfold::add_count(app, "--places", options.places, "random places of the large store");
  stockfold::add_count(app, "--events", options.events, "events of the large store");
  stockfold::add_count(app, "--share", options.share,
                       "try one in N of the damages to bytes of the small stores");
  stockfold::add_count(app, "--forgeries", options.forgeries, "places for each forgery in each store");
  app.add_option("--only", options.only, "damage only the store with this name")->type_name("STORE");
  stockfold::add_count(app, "--workers", options.workers, "concurrent processes");
  stockfold::add_scratch(app, options.scratch);
  stockfold::add_json(app, options.json);
  CLI11_PARSE(app, argc, argv);
  return stockfold::run(options);
}
