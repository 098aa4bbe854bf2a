// Every interleaving of two and three requests, and of small worlds with a crash. The tests run a part of
// this.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "interleavings/explore.h"
#include "interleavings/worlds.h"
#include "support/campaign_options.h"

namespace stockfold {
namespace {

struct Options {
  std::size_t requests = 3;
  std::size_t share = 1;
  std::string only;
  unsigned workers = std::max(std::thread::hardware_concurrency(), 1U);
  bool json = false;
};

/// Worlds that are explored in one way, and the result.
struct Campaign {
  std::string what;
  Exploring how;
  std::vector<World> worlds;

  std::uint64_t interleavings = 0;
  std::uint64_t crashes = 0;
  std::uint64_t endings = 0;
  std::vector<std::string> counterexamples;
};

std::string_view name_of(Writers writers) {
  switch (writers) {
    case Writers::own:
      return "own";
    case Writers::standing:
      return "standing";
    case Writers::one:
      return "one";
  }
  return "?";
}

void add(std::vector<World> more, std::vector<World>& worlds) {
  std::ranges::move(more, std::back_inserter(worlds));
}

constexpr std::array kAllIds{Ids::none, Ids::own, Ids::same};

Campaign races(Writers writers, std::size_t requests, std::size_t share) {
  Campaign campaign{.what = fmt::format("races of {}", requests),
                    .how = {.writers = writers, .every_step = requests == 2, .once = requests > 2}};
  for (const Ids ids : kAllIds) {
    add(one_in(share, worlds_of(shop(), shop_words(), requests, ids)), campaign.worlds);
  }
  return campaign;
}

Campaign crashes(Writers writers, std::size_t requests, std::size_t share) {
  Campaign campaign{.what = fmt::format("crashes of {}", requests),
                    .how = {.writers = writers, .crashes = true, .once = requests > 2}};
  for (const Ids ids : kAllIds) add(one_in(share, small_worlds(requests, ids)), campaign.worlds);
  return campaign;
}

/// Two requests are explored in full, whatever the share. Reusing a writer leaves a crash no other states to
/// find than opening one for each request.
std::vector<Campaign> all_campaigns(const Options& options) {
  std::vector<Campaign> campaigns;
  for (std::size_t requests = 2; requests <= options.requests; ++requests) {
    const std::size_t share = requests == 2 ? 1 : options.share;
    for (const Writers writers : {Writers::own, Writers::standing, Writers::one}) {
      campaigns.push_back(races(writers, requests, share));
    }
    for (const Writers writers : {Writers::own, Writers::one}) {
      campaigns.push_back(crashes(writers, requests, share));
    }
  }
  return campaigns;
}

/// Shows the progress of a campaign, on one line of a terminal that is overwritten.
class Progress {
 public:
  explicit Progress(const Campaign& campaign) : campaign_(campaign) {}
  ~Progress() {
    if (shown_) fmt::print(stderr, "\r\x1b[K");
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void world_done() {
    ++done_;
    if (!shown_) return;
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun_;
    const auto left = static_cast<double>(campaign_.worlds.size() - done_);
    fmt::print(stderr, "\r{}, {}: {} of {} worlds, {} interleavings, {:.0f} s left\x1b[K", campaign_.what,
               name_of(campaign_.how.writers), done_, campaign_.worlds.size(), campaign_.interleavings,
               taken.count() / static_cast<double>(done_) * left);
    std::fflush(stderr);
  }

 private:
  const Campaign& campaign_;
  const bool shown_ = ::isatty(STDERR_FILENO) == 1;
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::size_t done_ = 0;
};

void run(Campaign& campaign, unsigned workers) {
  Progress progress(campaign);
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  const auto work = [&] {
    for (std::size_t i = next++; i < campaign.worlds.size(); i = next++) {
      Exploration found = explore(campaign.worlds[i], campaign.how);
      const std::lock_guard lock(mutex);
      campaign.interleavings += found.interleavings;
      campaign.crashes += found.crashes;
      campaign.endings += found.endings;
      if (found.counterexample) {
        fmt::print(stderr, "{}\n", *found.counterexample);
        campaign.counterexamples.push_back(std::move(*found.counterexample));
      }
      progress.world_done();
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < workers; ++i) threads.emplace_back(work);
}

/// A row is printed as soon as its campaign is done, because all of them take long.
void print_row(const Campaign& campaign) {
  fmt::print("{:<14} {:<9} {:>8} {:>14} {:>10} {:>10} {:>6}\n", campaign.what, name_of(campaign.how.writers),
             campaign.worlds.size(), campaign.interleavings, campaign.crashes, campaign.endings,
             campaign.counterexamples.size());
}

void print_json(const Campaign& campaign) {
  fmt::print(R"({{"what":"{}","writers":"{}","worlds":{},"interleavings":{},)"
             R"("crashes":{},"endings":{},"wrong":{}}})"
             "\n",
             campaign.what, name_of(campaign.how.writers), campaign.worlds.size(), campaign.interleavings,
             campaign.crashes, campaign.endings, campaign.counterexamples.size());
}

int run(const Options& options) {
  const auto begun = std::chrono::steady_clock::now();
  std::vector<Campaign> campaigns = all_campaigns(options);
  if (!options.only.empty()) {
    std::erase_if(campaigns, [&](const Campaign& campaign) { return campaign.what != options.only; });
    if (campaigns.empty()) {
      fmt::print(stderr, "stockfold_interleavings: no {} with --requests {}\n", options.only,
                 options.requests);
      return 2;
    }
  }
  if (!options.json) {
    fmt::print("{:<14} {:<9} {:>8} {:>14} {:>10} {:>10} {:>6}\n", "what", "writers", "worlds",
               "interleavings", "crashes", "endings", "wrong");
  }
  for (Campaign& campaign : campaigns) {
    run(campaign, options.workers);
    (options.json ? print_json : print_row)(campaign);
    std::fflush(stdout);
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
  if (!options.json) fmt::print("{:.0f} s\n", taken.count());
  const bool good =
      std::ranges::all_of(campaigns, [](const Campaign& c) { return c.counterexamples.empty(); });
  return good ? 0 : 1;
}

}  // namespace
}  // namespace stockfold

int main(int argc, char** argv) {
  stockfold::Options options;
  CLI::App app(
      "runs the steps of concurrent requests in every order, with a crash after each; exit 1 if the log "
      "does not explain every answer",
      "stockfold_interleavings");
  app.add_option("--requests", options.requests, "the most concurrent requests")
      ->type_name("N")
      ->check(CLI::Range(2, 3))
      ->capture_default_str();
  stockfold::add_count(app, "--share", options.share, "try one in N of the worlds of three requests");
  app.add_option("--only", options.only, "run only this campaign")
      ->check(CLI::IsMember({"races of 2", "crashes of 2", "races of 3", "crashes of 3"}))
      ->option_text("WHAT");
  stockfold::add_count(app, "--workers", options.workers, "concurrent worlds");
  stockfold::add_json(app, options.json);
  CLI11_PARSE(app, argc, argv);
  return stockfold::run(options);
}
