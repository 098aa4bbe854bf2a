// stockfold bench
#include "tools/bench.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <future>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tools/ask.h"
#include "tools/commands.h"
#include "tools/load.h"
#include "tools/print.h"

namespace stockfold {
namespace {

constexpr Units kFirstStock = 1'000'000'000;
constexpr std::size_t kHotProducts = 1;
constexpr std::size_t kSpreadProducts = 10'000;
constexpr std::size_t kRegisteredAtOnce = 1'000;

struct BenchOptions {
  CallOptions call;
  Workload workload = Workload::hot;
  std::size_t connections = 64;
  std::size_t depth = 1;
  std::chrono::milliseconds measured{10'000};
  std::optional<std::size_t> products;
  bool command_ids = false;
};

Parsed<Workload> parse_workload(std::string_view text) {
  for (const Workload workload : {Workload::hot, Workload::spread}) {
    if (name_of(workload) == text) return workload;
  }
  return std::unexpected(fmt::format("\"{}\" is neither hot nor spread", text));
}

/// In front of every id of one run.
std::string draw_run() { return fmt::format("bench-{:08x}", std::random_device{}()); }

std::vector<Sku> name_products(const std::string& run, std::size_t count) {
  std::vector<Sku> products;
  products.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    products.push_back(Sku::parse(fmt::format("{}-{}", run, i)).value());
  return products;
}

ClientResult<void> register_products(Client& client, const std::vector<Sku>& products) {
  std::deque<std::future<ClientResult<Answer>>> sent;
  const auto settle = [&sent]() -> ClientResult<void> {
    const auto answer = sent.front().get();
    sent.pop_front();
    if (!answer) return std::unexpected(answer.error());
    const auto* refusal = std::get_if<Refusal>(&answer->outcome);
    if (refusal == nullptr) return {};
    return std::unexpected(ClientError{ClientErrorKind::rejected, message_of(*refusal), refusal->rule});
  };
  for (const Sku& sku : products) {
    sent.push_back(client.submit(Command{RegisterProduct{sku, {}, kFirstStock}, {}, {}, {}}));
    if (sent.size() < kRegisteredAtOnce) continue;
    if (auto settled = settle(); !settled) return settled;
  }
  while (!sent.empty()) {
    if (auto settled = settle(); !settled) return settled;
  }
  return {};
}

/// How many products have other stock than the answers say.
ClientResult<std::uint64_t> count_mismatches(Client& client, const LoadPlan& plan,
                                             const std::vector<std::int64_t>& taken) {
  std::uint64_t mismatches = 0;
  for (std::size_t i = 0; i < plan.products.size(); ++i) {
    const auto reply = client.product(plan.products[i]);
    if (!reply) return std::unexpected(reply.error());
    const auto expected = static_cast<std::int64_t>(kFirstStock) - taken[i];
    const bool same = reply->product && static_cast<std::int64_t>(reply->product->stock()) == expected &&
                      static_cast<std::int64_t>(reply->product->in_progress) == taken[i];
    mismatches += same ? 0 : 1;
  }
  return mismatches;
}

/// A line on stderr that is written over and over, where somebody looks at it.
class ProgressLine {
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

BenchResult result_of(const BenchOptions& options, const LoadResult& load, std::uint64_t mismatches) {
  const auto milliseconds_at = [&load](double share) {
    return static_cast<double>(load.latency.at(share)) / 1e6;
  };
  BenchResult result;
  result.workload = options.workload;
  result.connections = options.connections;
  result.depth = options.depth;
  result.seconds = static_cast<double>(options.measured.count()) / 1'000;
  result.ops = load.latency.count();
  result.p50_ms = milliseconds_at(0.5);
  result.p99_ms = milliseconds_at(0.99);
  result.p999_ms = milliseconds_at(0.999);
  result.errors = load.errors;
  result.stock_mismatches = mismatches;
  return result;
}

ExitCode bench(const BenchOptions& options, Client& client) {
  const std::size_t by_workload = options.workload == Workload::hot ? kHotProducts : kSpreadProducts;
  LoadPlan plan;
  plan.host = options.call.host;
  plan.port = options.call.port;
  plan.run = draw_run();
  plan.products = name_products(plan.run, options.products.value_or(by_workload));
  plan.connections = options.connections;
  plan.depth = options.depth;
  plan.measured = options.measured;
  plan.patience = options.call.timeout;
  plan.command_ids = options.command_ids;

  const auto registered = register_products(client, plan.products);
  if (!registered) return tell(options.call, registered.error());

  const bool watched = ::isatty(STDERR_FILENO) == 1;
  if (watched) plan.progress = ProgressLine();
  const LoadResult load = run_load(plan);
  if (watched) ProgressLine::clear();

  const auto mismatches = count_mismatches(client, plan, load.taken);
  if (!mismatches) return tell(options.call, mismatches.error());

  const BenchResult result = result_of(options, load, *mismatches);
  print_line(options.call.json ? json_of(result) : text_of(result));
  if (load.errors > 0) complain("stockfold: the first error: " + load.first_error);
  return exit_code_of(result);
}

}  // namespace

std::string_view name_of(Workload workload) { return workload == Workload::hot ? "hot" : "spread"; }

std::string json_of(const BenchResult& result) {
  return fmt::format(
      R"({{"workload":"{}","connections":{},"depth":{},"seconds":{:.1f},"ops":{},"ops_per_s":{:.1f},)"
      R"("p50_ms":{:.3f},"p99_ms":{:.3f},"p999_ms":{:.3f},"errors":{},"stock_mismatches":{}}})",
      name_of(result.workload), result.connections, result.depth, result.seconds, result.ops,
      result.ops_per_s(), result.p50_ms, result.p99_ms, result.p999_ms, result.errors,
      result.stock_mismatches);
}

std::string text_of(const BenchResult& result) {
  std::string text = fmt::format("workload          {}, {} connections x {}\n", name_of(result.workload),
                                 result.connections, result.depth);
  text += fmt::format("seconds           {:>12.1f}\n", result.seconds);
  text += fmt::format("operations        {:>12}\n", result.ops);
  text += fmt::format("operations/s      {:>12.0f}\n", result.ops_per_s());
  text += fmt::format("p50               {:>12.3f} ms\n", result.p50_ms);
  text += fmt::format("p99               {:>12.3f} ms\n", result.p99_ms);
  text += fmt::format("p99.9             {:>12.3f} ms\n", result.p999_ms);
  text += fmt::format("errors            {:>12}\n", result.errors);
  text += fmt::format("stock mismatches  {:>12}", result.stock_mismatches);
  return text;
}

ExitCode exit_code_of(const BenchResult& result) {
  if (result.stock_mismatches > 0) return kUntrusted;
  return result.errors > 0 ? kFailed : kDone;
}

void add_bench(CLI::App& app, int& exit_code) {
  CLI::App* bench_app = app.add_subcommand("bench", "place and abort orders as fast as they are answered");
  auto options = std::make_shared<BenchOptions>();
  add_argument(*bench_app, "--workload", options->workload, parse_workload,
               "one product, or 10000 of them (hot)")
      ->type_name("hot|spread");
  add_number(*bench_app, "--connections", options->connections, 1, 10'000, "how many (64)");
  add_number(*bench_app, "--depth", options->depth, 1, 10'000, "commands in flight on each (1)");
  add_argument(*bench_app, "--seconds", options->measured, parse_seconds,
               "how long to measure, after one to warm up (10)")
      ->type_name("SECONDS");
  add_argument(
      *bench_app, "--products", options->products,
      [](std::string_view text) { return parse_number(text, 1, 1'000'000); },
      "instead of the workload's number")
      ->type_name("N");
  bench_app->add_flag("--command-ids", options->command_ids, "give every command an id");
  add_call_options(*bench_app, options->call);
  bench_app->callback([options, &exit_code] {
    exit_code = with_client(options->call, [&options](Client& client) { return bench(*options, client); });
  });
}

}  // namespace stockfold
