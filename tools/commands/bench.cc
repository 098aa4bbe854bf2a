// stockfold bench
#include "tools/load/bench.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include "tools/commands/commands.h"
#include "tools/console/ask.h"
#include "tools/console/print.h"
#include "tools/load/bench_ledger.h"
#include "tools/load/load.h"

namespace stockfold {
namespace {

constexpr std::uint32_t kHotProducts = 1;
constexpr std::uint32_t kSpreadProducts = 10'000;
constexpr std::size_t kOrdersToShow = 10'000;
constexpr double kMaxRate = 100'000'000;

struct BenchOptions {
  CallOptions call;
  Workload workload = Workload::hot;
  std::optional<std::uint32_t> products;
  std::optional<std::uint64_t> seed;
  LoadPlan plan{.connections = 64};
  std::string histogram;  ///< A file; empty: none is written.
  bool no_verify = false;
};

Parsed<Workload> parse_workload(std::string_view text) {
  for (const Workload workload : {Workload::hot, Workload::spread}) {
    if (name_of(workload) == text) return workload;
  }
  return std::unexpected(fmt::format("\"{}\" is neither hot nor spread", text));
}

Parsed<std::chrono::milliseconds> parse_warm_up(std::string_view text) {
  if (text == "0") return std::chrono::milliseconds(0);
  return parse_seconds(text);
}

Parsed<double> parse_rate(std::string_view text) {
  auto rate = parse_number(text, 1, static_cast<std::uint64_t>(kMaxRate));
  if (!rate) return std::unexpected(std::move(rate.error()));
  return static_cast<double>(*rate);
}

/// The prefix of every id of one run.
std::string draw_run() { return fmt::format("bench-{:08x}", std::random_device{}()); }

/// A line on stderr that is rewritten, if stderr is a terminal.
class LoadProgress {
 public:
  void operator()(std::uint64_t done, std::chrono::milliseconds left) {
    const auto now = std::chrono::steady_clock::now();
    const std::chrono::duration<double> since = now - last_time_;
    const double rate = static_cast<double>(done - last_done_) / since.count();
    fmt::print(stderr, "\r{:>12.0f} ops/s  {:>6.1f} s left ", rate,
               static_cast<double>(left.count()) / 1'000);
    last_time_ = now;
    last_done_ = done;
  }
  static void clear() { fmt::print(stderr, "\r{:40}\r", ""); }

 private:
  std::chrono::steady_clock::time_point last_time_ = std::chrono::steady_clock::now();
  std::uint64_t last_done_ = 0;
};

bool write_file(const std::string& path, const std::string& text) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "we"), std::fclose);
  if (file == nullptr) return false;
  return std::fwrite(text.data(), 1, text.size(), file.get()) == text.size() && std::fflush(file.get()) == 0;
}

/// Writes the distribution of all latencies and, if there are several actions, FILE.place and so on. False: a
/// write failed.
bool write_histograms(const std::string& path, const LoadResult& load) {
  constexpr double kMillisecond = 1e6;
  bool written = write_file(path, percentile_text(latency_of(load), kMillisecond));
  for (std::size_t i = 0; i < kActions; ++i) {
    const Histogram& latency = load.actions[i].latency;
    if (latency.count() == 0) continue;
    const std::string of_action = fmt::format("{}.{}", path, name_of(Action(i)));
    written = write_file(of_action, percentile_text(latency, kMillisecond)) && written;
  }
  return written;
}

/// Throws if an argument contradicts another.
void check(const BenchOptions& options) {
  const LoadPlan& plan = options.plan;
  if (plan.lines.most > plan.products) {
    throw CLI::ValidationError("--lines", fmt::format("{} lines need as many products, and there are {}: "
                                                      "see --workload and --products",
                                                      plan.lines.most, plan.products));
  }
}

LoadPlan complete(const BenchOptions& options, ClientOptions ledger) {
  LoadPlan plan = options.plan;
  plan.ledger = std::move(ledger);
  plan.patience = options.call.timeout;
  plan.run = draw_run();
  plan.seed = options.seed ? *options.seed : std::random_device{}();
  return plan;
}

/// Whether orders must exist before the load begins, because it shows orders and places none.
bool needs_orders(const LoadPlan& plan) {
  return plan.mix && plan.mix->weight(Action::show) > 0 && plan.mix->weight(Action::place) == 0 &&
         plan.shown != Shown::product;
}

LoadResult run_watched(LoadPlan& plan) {
  const bool watched = ::isatty(STDERR_FILENO) == 1;
  if (watched) plan.progress = LoadProgress();
  LoadResult load = run_load(plan);
  if (watched) LoadProgress::clear();
  return load;
}

ExitCode bench(const BenchOptions& options, Client& client) {
  auto ledger = client_options(options.call);
  if (!ledger) return tell(options.call, ClientError{ClientErrorKind::unreachable, ledger.error(), {}});
  LoadPlan plan = complete(options, std::move(*ledger));
  const auto registered = register_products(client, plan);
  if (!registered) return tell(options.call, registered.error());
  if (needs_orders(plan)) {
    auto placed = place_orders(client, plan, kOrdersToShow);
    if (!placed) return tell(options.call, placed.error());
    plan.placed = *std::move(placed);
  }

  const LoadResult load = run_watched(plan);
  BenchResult result = result_of(plan, load);
  result.workload = options.workload;

  ExitCode failed = kDone;
  if (load.errors > 0) complain("stockfold: the first error: " + load.first_error);
  if (load.unknown > 0) {
    complain(fmt::format("stockfold: the outcome of {} commands is unknown: stock cannot be checked",
                         load.unknown));
  } else if (!options.no_verify && load.measured > 0) {
    const auto verified = verify(client, plan, load);
    if (verified) result.verified = *verified;
    if (!verified) failed = kFailed;
    if (!verified) complain("stockfold: stock cannot be checked: " + verified.error().what);
  }
  if (result.rate_held() == false) {
    complain(fmt::format("stockfold: the rate was not held: {:.0f} of {:.0f} a second were answered",
                         result.ops_per_s(), *result.rate));
  }
  if (!options.histogram.empty() && !write_histograms(options.histogram, load)) {
    failed = kFailed;
    complain(fmt::format("stockfold: --histogram: cannot write {}", options.histogram));
  }
  print_line(options.call.json ? json_of(result) : text_of(result));
  const ExitCode found = exit_code_of(result);
  return found != kDone ? found : failed;
}

void add_load_options(CLI::App& app, BenchOptions& options) {
  LoadPlan& plan = options.plan;
  add_argument(app, "--workload", options.workload, parse_workload, "one product, or 10000 of them (hot)")
      ->type_name("hot|spread");
  const auto parse_products = [](std::string_view text) {
    return parse_as<std::uint32_t>(text, 1, 1'000'000);
  };
  add_argument(app, "--products", options.products, parse_products, "instead of the workload's number")
      ->type_name("N");
  add_number(app, "--connections", plan.connections, 1, 10'000, "how many (64)");
  add_number(app, "--depth", plan.depth, 1, 10'000, "commands in flight on each (1)");
  add_argument(app, "--seconds", plan.measured, parse_seconds, "how long to measure (10)")
      ->type_name("SECONDS");
  add_argument(app, "--warm-up", plan.warm_up, parse_warm_up, "how long before that (1)")
      ->type_name("SECONDS");
  add_argument(app, "--rate", plan.rate, parse_rate,
               "commands due a second, whatever the ledger does; latency counts from then")
      ->type_name("N");
  add_argument(app, "--mix", plan.mix, parse_mix,
               "shares of place, abort, fulfil, receive, show: place=45,abort=45,show=10; left out: every "
               "client places an order, then aborts it")
      ->type_name("ACTION=N,..");
  add_argument(app, "--lines", plan.lines, parse_line_range, "products in an order: 3 or 1-10 (1)")
      ->type_name("N[-N]");
  add_number(app, "--max-open", plan.max_open, 1, 10'000'000,
             "orders in progress before a mix ends one instead of placing another (100000)");
}

void add_request_options(CLI::App& app, BenchOptions& options) {
  LoadPlan& plan = options.plan;
  add_argument(app, "--show", plan.shown, parse_shown, "what is shown (both, by turns)")
      ->type_name("product|order|both");
  app.add_flag("--stale", plan.stale, "reads are answered at once with what is there");
  app.add_flag("--command-ids", plan.command_ids, "give every command an id");
  app.add_flag("--scattered-ids", plan.scattered_ids, "draw them in no order, as version 4 UUIDs are")
      ->needs("--command-ids");
  app.add_flag("--assigned-ids", plan.assigned_ids, "let the ledger name the orders");
  const auto parse_seed = [](std::string_view text) { return parse_number(text, 0, UINT64_MAX); };
  add_argument(app, "--seed", options.seed, parse_seed, "draw the same actions and products again")
      ->type_name("N");
  app.add_option("--histogram", options.histogram,
                 "write the distribution of latencies in milliseconds, as HdrHistogram's text")
      ->type_name("FILE");
  app.add_flag("--no-verify", options.no_verify, "do not read stock and orders back at the end");
}

}  // namespace

void add_bench(CLI::App& app, int& exit_code) {
  CLI::App* bench_app = app.add_subcommand("bench", "measure how fast a ledger answers, and check it");
  auto options = std::make_shared<BenchOptions>();
  add_load_options(*bench_app, *options);
  add_request_options(*bench_app, *options);
  add_call_options(*bench_app, options->call);
  bench_app->callback([options, &exit_code] {
    const std::uint32_t usual = options->workload == Workload::hot ? kHotProducts : kSpreadProducts;
    options->plan.products = options->products.value_or(usual);
    check(*options);
    exit_code = with_client(options->call, [&options](Client& client) { return bench(*options, client); });
  });
}

}  // namespace stockfold
