#include "hostile/overload.h"

#include <fmt/format.h>
#include <stockfold/client.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <utility>

#include "end_to_end/program.h"
#include "hostile/middle_run.h"
#include "hostile/probe.h"
#include "tools/load/bench_ledger.h"
#include "tools/load/load.h"

namespace stockfold {
namespace {

/// For the sync, for reading what is refused, and for other work of the machine.
constexpr double kSlackMs = 100;

double per_second(std::uint64_t count, const LoadResult& load) {
  return static_cast<double>(count) / (static_cast<double>(load.measured) / 1e9);
}

double milliseconds_of(std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e6; }

class Overload {
 public:
  explicit Overload(const OverloadOptions& options)
      : options_(options),
        server_(directory_.path() / "data", 0, {"--queue", std::to_string(options.queue)}) {}

  OverloadResult run() {
    double before_processors = 0;
    double after_processors = 0;
    const LoadResult before = offer("before", 16, std::nullopt, before_processors);
    result_.offered_per_s = 2 * per_second(before.ops(), before);
    const LoadResult load = offer("twice", options_.depth, result_.offered_per_s, result_.processors);
    result_.answered_per_s = per_second(load.ops(), load);
    const LoadResult after = offer("after", 16, std::nullopt, after_processors);
    result_.peak_per_s = (per_second(before.ops(), before) + per_second(after.ops(), after)) / 2;
    result_.peak_processors = (before_processors + after_processors) / 2;
    const std::chrono::duration<double> offered = options_.measured + warm_up();
    result_.refused_per_s = static_cast<double>(load.overloaded) / offered.count();
    result_.spread = spread_of(load.of_connections);
    Histogram service;
    for (const ActionFigures& figures : load.actions) service.add(figures.service);
    result_.p99_ms = milliseconds_of(service.at(0.99));
    result_.max_ms = milliseconds_of(service.max());
    const auto most = std::min(options_.queue, options_.connections * options_.depth);
    result_.bound_ms = 1'000 * static_cast<double>(2 * most) / result_.answered_per_s + kSlackMs;
    if (load.overloaded == 0) break_promise("nothing was refused");
    if (server_.terminate() != 0) break_promise("it did not end as it should");
    return std::move(result_);
  }

 private:
  [[nodiscard]] std::chrono::milliseconds warm_up() const { return options_.measured / 5; }

  void break_promise(std::string what) { result_.broken.push_back(std::move(what)); }

  [[nodiscard]] std::unique_ptr<Client> connect() const {
    auto client = Client::connect({.port = server_.port()});
    if (!client) throw std::runtime_error("cannot connect: " + client.error().what);
    return std::move(*client);
  }

  /// Checks that nothing is done twice, and nothing is done that was refused. `processors`: how many the
  /// ledger used.
  LoadResult offer(const std::string& run, std::size_t depth, std::optional<double> rate,
                   double& processors) {
    using Clock = std::chrono::steady_clock;
    LoadPlan plan;
    plan.ledger.host = "127.0.0.1";
    plan.ledger.port = server_.port();
    plan.run = run;
    plan.products = 30;  // registered at once, so fewer than may wait
    plan.connections = rate ? options_.connections : 64;
    plan.depth = depth;
    plan.rate = rate;
    plan.command_ids = true;
    plan.seed = options_.seed;
    plan.warm_up = warm_up();
    plan.measured = options_.measured;
    const auto registered = register_products(*connect(), plan);
    if (!registered) throw std::runtime_error(registered.error().what);
    const auto begun = Clock::now();
    const double had = processor_seconds(server_.pid());
    LoadResult load = run_load(plan);
    processors = (processor_seconds(server_.pid()) - had) /
                 std::chrono::duration<double>(Clock::now() - begun).count();
    if (load.errors > 0)
      break_promise(fmt::format("{} errors, the first: {}", load.errors, load.first_error));
    const auto verified = verify(*connect(), plan, load);
    if (!verified) {
      break_promise("stock cannot be read back: " + verified.error().what);
    } else if (verified->stock_mismatches + verified->order_mismatches > 0) {
      break_promise(fmt::format("{} products and {} orders are not what was answered",
                                verified->stock_mismatches, verified->order_mismatches));
    }
    return load;
  }

  const OverloadOptions& options_;
  TemporaryDirectory directory_;
  ServedLedger server_;
  OverloadResult result_;
};

/// The results that were too low, or too slow.
std::vector<std::string> missed_by(const OverloadResult& result, double least_share) {
  std::vector<std::string> missed;
  if (result.share() < least_share) {
    missed.push_back(fmt::format("{:.0f} % of the peak was answered", 100 * result.share()));
  }
  if (result.spread.least < least_share) {
    missed.push_back(fmt::format("one connection had {:.0f} % of the average", 100 * result.spread.least));
  }
  if (result.p99_ms > result.bound_ms) {
    missed.push_back(
        fmt::format("p99 {:.0f} ms, where {:.0f} ms are the bound", result.p99_ms, result.bound_ms));
  }
  return missed;
}

}  // namespace

OverloadResult overload(const OverloadOptions& options, double least_share) {
  return middle_run<OverloadResult>(
      options.runs, [&] { return std::make_unique<Overload>(options)->run(); },
      [least_share](const OverloadResult& result) { return missed_by(result, least_share); });
}

}  // namespace stockfold
