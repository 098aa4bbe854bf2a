#include "hostile/siege.h"

#include <fmt/format.h>
#include <stockfold/client.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

#include "end_to_end/program.h"
#include "hostile/middle_run.h"
#include "hostile/probe.h"
#include "tools/console/open_files.h"
#include "tools/load/bench_ledger.h"
#include "tools/load/load.h"

namespace stockfold {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::uint64_t kMebibyte = 1U << 20;
constexpr std::uint64_t kConnectionMemory = 64 * kMebibyte;
/// Memory of a connection beyond what the server counts: the session, its coroutines, the allocator's
/// rounding.
constexpr std::uint64_t kOfEachConnection = 64U << 10;
#if defined(STOCKFOLD_ADDRESS_SANITIZER)
constexpr std::uint64_t kOfTheStore = 1'024 * kMebibyte;  // freed memory stays in quarantine
#else
/// What the store itself may use meanwhile: memtables, caches, orders that the ledger keeps in memory.
constexpr std::uint64_t kOfTheStore = 384 * kMebibyte;
#endif
constexpr milliseconds kArrival{20'000};
/// Deadlines are checked twice a second; the rest is for a busy machine.
constexpr milliseconds kSlack{2'000};

bool wait_for(const std::function<bool()>& condition, milliseconds at_most) {
  const auto until = Clock::now() + at_most;
  while (!condition()) {
    if (Clock::now() > until) return false;
    std::this_thread::sleep_for(milliseconds(5));
  }
  return true;
}

std::string seconds(milliseconds time) {
  return fmt::format("{:.3f}", std::chrono::duration<double>(time).count());
}

std::uint16_t http_port_of(const std::string& ready_line) {
  constexpr std::string_view kHttp = "http=127.0.0.1:";
  return static_cast<std::uint16_t>(std::stoul(ready_line.substr(ready_line.find(kHttp) + kHttp.size())));
}

class Siege {
 public:
  Siege(const Scenario& scenario, const SiegeOptions& options)
      : scenario_(scenario), options_(options), server_(data(), 0, flags(options.deadlines)) {
    std::size_t connections = 0;
    for (const CrowdPlan& plan : scenario.crowds) connections += plan.connections;
    raise_open_files(connections + 1'024);
    result_.connections = connections;
  }

  SiegeResult run() {
    make_large_order();
    MemoryWatch memory(server_.pid());
    result_.before = serve_honest("before");
    result_.memory_before = resident_bytes(server_.pid());
    const std::size_t sockets = open_sockets(server_.pid());
    (void)memory.take_peak();

    gather_crowds();
    result_.during = serve_honest("during");
    disperse(sockets);
    result_.memory_peak = memory.take_peak();
    result_.after = serve_honest("after");
    result_.memory_after = resident_bytes(server_.pid());
    judge();
    if (const int code = server_.terminate(); code != 0)
      break_promise(fmt::format("it ended with exit code {}", code));
    return std::move(result_);
  }

 private:
  [[nodiscard]] std::filesystem::path data() const { return directory_.path() / "data"; }

  static std::vector<std::string> flags(const SiegeDeadlines& deadlines) {
    return {"--hello-timeout",     seconds(deadlines.hello),
            "--frame-timeout",     seconds(deadlines.frame),
            "--write-timeout",     seconds(deadlines.write),
            "--idle-timeout",      seconds(deadlines.idle),
            "--http-timeout",      seconds(deadlines.http),
            "--http-idle-timeout", seconds(deadlines.http),
            "--max-connections",   "15000",
            "--connection-memory", "64MB",
            "--cached-aggregates", "20000",
            "--block-cache",       "32MB",
            "--recent-commits",    "16MB"};
  }

  void break_promise(std::string what) { result_.broken.push_back(std::move(what)); }

  [[nodiscard]] std::unique_ptr<Client> connect() const {
    auto client = Client::connect({.port = server_.port()});
    if (!client) throw std::runtime_error("cannot connect: " + client.error().what);
    return std::move(*client);
  }

  /// Something that is expensive to show: an order of 1,000 lines.
  void make_large_order() {
    LoadPlan plan;
    plan.run = "large";
    plan.products = 1'000;
    plan.lines = {1'000, 1'000};
    const auto client = connect();
    const auto registered = register_products(*client, plan);
    if (!registered) throw std::runtime_error(registered.error().what);
    const auto placed = place_orders(*client, plan, 1);
    if (!placed) throw std::runtime_error(placed.error().what);
  }

  HonestFigures serve_honest(const std::string& run) {
    LoadPlan plan;
    plan.ledger.host = "127.0.0.1";
    plan.ledger.port = server_.port();
    plan.run = run;
    plan.products = 100;
    plan.connections = options_.honest;
    plan.command_ids = true;
    plan.seed = options_.seed;
    plan.warm_up = std::min(options_.measured / 5, milliseconds(1'000));
    plan.measured = options_.measured;
    const auto registered = register_products(*connect(), plan);
    if (!registered) break_promise(run + ": " + registered.error().what);
    const LoadResult load = run_load(plan);
    if (load.errors > 0)
      break_promise(
          fmt::format("{}: {} errors of honest clients, the first: {}", run, load.errors, load.first_error));
    if (load.unknown == 0) verify_honest(plan, load);
    const Histogram latency = latency_of(load);
    return {static_cast<double>(load.ops()) / (static_cast<double>(load.measured) / 1e9),
            static_cast<double>(latency.at(0.50)) / 1e6, static_cast<double>(latency.at(0.99)) / 1e6,
            spread_of(load.of_connections)};
  }

  void verify_honest(const LoadPlan& plan, const LoadResult& load) {
    const auto verified = verify(*connect(), plan, load);
    if (!verified) return break_promise(plan.run + ": stock cannot be read back: " + verified.error().what);
    if (verified->stock_mismatches + verified->order_mismatches == 0) return;
    break_promise(fmt::format("{}: {} products and {} orders are not what was answered", plan.run,
                              verified->stock_mismatches, verified->order_mismatches));
  }

  void gather_crowds() {
    std::uint64_t seed = options_.seed;
    for (const CrowdPlan& plan : scenario_.crowds) {
      const bool http = plan.port == CrowdPlan::Port::http;
      crowds_.push_back(std::make_unique<Crowd>(http ? http_port_of(server_.ready_line()) : server_.port(),
                                                plan.connections, plan.behaviour, ++seed));
    }
    const auto came = [](const auto& crowd) { return crowd->connects() >= crowd->connections(); };
    if (!wait_for([&] { return std::ranges::all_of(crowds_, came); }, kArrival)) {
      break_promise("not all of the crowd could connect");
    }
  }

  /// Checks that every open connection is closed within its deadline, though it stays as long as it can.
  void disperse(std::size_t sockets) {
    for (const auto& crowd : crowds_) crowd->stay_away();
    const auto begun = Clock::now();
    const auto at_most = scenario_.let_go.value_or(milliseconds(0)) + kSlack;
    if (!scenario_.let_go) count_and_dismiss();
    if (!wait_for([&] { return open_sockets(server_.pid()) <= sockets; }, at_most)) {
      break_promise(fmt::format("{} connections were not closed after {} ms",
                                open_sockets(server_.pid()) - sockets, at_most.count()));
    }
    result_.let_go_s = std::chrono::duration<double>(Clock::now() - begun).count();
    count_and_dismiss();
  }

  void count_and_dismiss() {
    for (const auto& crowd : crowds_) {
      result_.connects += crowd->connects();
      result_.turned_out += crowd->let_go();
    }
    crowds_.clear();
  }

  void judge() {
    result_.memory_bound =
        result_.memory_before + kOfTheStore + kConnectionMemory + result_.connections * kOfEachConnection;
    if (result_.memory_peak > result_.memory_bound) {
      break_promise(fmt::format("it took {} MiB of memory, of {}", result_.memory_peak / kMebibyte,
                                result_.memory_bound / kMebibyte));
    }
  }

  const Scenario& scenario_;
  const SiegeOptions& options_;
  TemporaryDirectory directory_;
  ServedLedger server_;
  std::vector<std::unique_ptr<Crowd>> crowds_;
  SiegeResult result_;
};

/// The shares that are lower than they must be.
std::vector<std::string> missed_by(const SiegeResult& result, double least_share) {
  std::vector<std::string> missed;
  if (result.share() < least_share) {
    missed.push_back(fmt::format("honest clients kept {:.0f} % of their rate", result.share() * 100));
  }
  if (result.during.spread.least < least_share) {
    missed.push_back(
        fmt::format("one honest client had {:.0f} % of the average", 100 * result.during.spread.least));
  }
  if (result.after.ops_per_s < result.before.ops_per_s * least_share) {
    missed.push_back(fmt::format("afterwards honest clients had {:.0f} a second", result.after.ops_per_s));
  }
  return missed;
}

}  // namespace

SiegeResult besiege(const Scenario& scenario, const SiegeOptions& options, double least_share) {
  return middle_run<SiegeResult>(
      options.runs, [&] { return std::make_unique<Siege>(scenario, options)->run(); },
      [least_share](const SiegeResult& result) { return missed_by(result, least_share); });
}

}  // namespace stockfold
