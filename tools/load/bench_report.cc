// A benchmark's figures as text and JSON.
#include <fmt/format.h>

#include "tools/load/bench.h"

namespace stockfold {
namespace {

constexpr double kHeldShare = 0.99;

double milliseconds(Nanos nanoseconds) { return static_cast<double>(nanoseconds) / 1e6; }
double milliseconds(std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e6; }

std::string_view boolean(bool flag) { return flag ? "true" : "false"; }

/// The members of an object.
std::string members_of(const Latencies& latencies) {
  return fmt::format(
      R"("p50_ms":{:.3f},"p90_ms":{:.3f},"p99_ms":{:.3f},"p999_ms":{:.3f},"p9999_ms":{:.3f},"max_ms":{:.3f},)"
      R"("mean_ms":{:.3f})",
      latencies.p50, latencies.p90, latencies.p99, latencies.p999, latencies.p9999, latencies.max,
      latencies.mean);
}

std::string actions_json(const BenchResult& result) {
  std::string json;
  for (const ActionResult& of_action : result.actions) {
    json += fmt::format(R"({}"{}":{{"ops":{},{},"service":{{{}}}}})", json.empty() ? "" : ",",
                        name_of(of_action.action), of_action.ops, members_of(of_action.latency),
                        members_of(of_action.service));
  }
  return json;
}

double cpu_us_per_op(const BenchResult& result) {
  if (result.ops == 0) return 0;
  return (result.user_cpu_s + result.system_cpu_s) * 1e6 / static_cast<double>(result.ops);
}

std::string row(std::string_view name, const Latencies& latencies) {
  return fmt::format("{:<16}{:>10.3f}{:>10.3f}{:>10.3f}{:>10.3f}{:>10.3f}{:>10.3f}{:>10.3f}\n", name,
                     latencies.p50, latencies.p90, latencies.p99, latencies.p999, latencies.p9999,
                     latencies.max, latencies.mean);
}

std::string latency_table(const BenchResult& result) {
  std::string text = fmt::format("{:<16}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}\n", "milliseconds", "p50",
                                 "p90", "p99", "p99.9", "p99.99", "max", "mean");
  text += row(result.rate ? "since due" : "all", result.latency);
  if (result.rate) text += row("since sent", result.service);
  if (result.actions.size() < 2) return text;
  for (const ActionResult& of_action : result.actions) {
    text += row("  " + std::string(name_of(of_action.action)), of_action.latency);
  }
  return text;
}

std::string rate_lines(const BenchResult& result) {
  std::string text = fmt::format("operations/s      {:>12.0f}\n", result.ops_per_s());
  if (!result.rate) return text;
  text += fmt::format("due/s             {:>12.0f}  {}\n", *result.rate,
                      result.rate_held() == true ? "held" : "NOT HELD: it cannot keep up");
  if (result.unsent > 0) {
    text += fmt::format("never sent        {:>12}  still queued at the end\n", result.unsent);
  }
  text += fmt::format("generator's lag   {:>12.3f} ms at most, p99 {:.3f} ms\n", result.max_lag_ms,
                      result.p99_lag_ms);
  return text;
}

std::string verification_lines(const BenchResult& result) {
  if (!result.verified) return "stock             not checked";
  const Verification& verified = *result.verified;
  return fmt::format(
      "stock mismatches  {:>12}  of {} products\n"
      "order mismatches  {:>12}  of {} orders",
      verified.stock_mismatches, verified.products, verified.order_mismatches, verified.orders);
}

}  // namespace

std::string_view name_of(Workload workload) { return workload == Workload::hot ? "hot" : "spread"; }

Latencies latencies_of(const Histogram& nanoseconds) {
  const auto at = [&nanoseconds](double share) { return milliseconds(nanoseconds.at(share)); };
  return {.mean = nanoseconds.mean() / 1e6,
          .p50 = at(0.5),
          .p90 = at(0.9),
          .p99 = at(0.99),
          .p999 = at(0.999),
          .p9999 = at(0.9999),
          .max = milliseconds(nanoseconds.max())};
}

Histogram latency_of(const LoadResult& load) {
  Histogram total = load.unsent;
  for (const ActionFigures& figures : load.actions) total.add(figures.latency);
  return total;
}

std::optional<bool> BenchResult::rate_held() const {
  if (!rate) return std::nullopt;
  return ops_per_s() >= kHeldShare * *rate;
}

BenchResult result_of(const LoadPlan& plan, const LoadResult& load) {
  BenchResult result;
  result.products = plan.products;
  result.connections = plan.connections;
  result.depth = plan.depth;
  result.mix = plan.mix ? text_of(*plan.mix) : std::string();
  result.seed = plan.seed;
  result.seconds = static_cast<double>(load.measured) / 1e9;
  result.rate = plan.rate;
  result.ops = load.ops();
  result.latency = latencies_of(latency_of(load));

  Histogram service;
  for (std::size_t i = 0; i < kActions; ++i) {
    const ActionFigures& figures = load.actions[i];
    service.add(figures.service);
    if (figures.service.count() + figures.latency.count() == 0) continue;
    result.actions.push_back(
        {Action(i), figures.ops, latencies_of(figures.latency), latencies_of(figures.service)});
  }
  result.service = latencies_of(service);

  result.slowest_second_ops = load.pace.slowest_second();
  result.longest_gap_ms = milliseconds(load.pace.longest_gap());
  result.lines_per_s = result.seconds > 0 ? static_cast<double>(load.lines) / result.seconds : 0;
  result.p99_lag_ms = milliseconds(load.lag.at(0.99));
  result.max_lag_ms = milliseconds(load.lag.max());
  result.user_cpu_s = load.user_cpu_s;
  result.system_cpu_s = load.system_cpu_s;
  result.errors = load.errors;
  result.overloaded = load.overloaded;
  result.unknown = load.unknown;
  result.unsent = load.unsent.count();
  return result;
}

std::string json_of(const BenchResult& result) {
  const Verification verified = result.verified.value_or(Verification{});
  const auto held = result.rate_held();
  std::string json = fmt::format(
      R"({{"workload":"{}","products":{},"connections":{},"depth":{},"mix":{},"seed":{},"seconds":{:.1f},)"
      R"("ops":{},"ops_per_s":{:.1f},"rate":{},"rate_held":{},)",
      name_of(result.workload), result.products, result.connections, result.depth,
      result.mix.empty() ? "null" : fmt::format("\"{}\"", result.mix), result.seed, result.seconds,
      result.ops, result.ops_per_s(), result.rate ? fmt::format("{:.1f}", *result.rate) : "null",
      held ? boolean(*held) : "null");
  json += members_of(result.latency);
  json +=
      fmt::format(R"(,"service":{{{}}},"actions":{{{}}},)", members_of(result.service), actions_json(result));
  json += fmt::format(
      R"("slowest_second_ops":{},"longest_gap_ms":{:.3f},"lines_per_s":{:.1f},"p99_lag_ms":{:.3f},)"
      R"("max_lag_ms":{:.3f},"user_cpu_s":{:.3f},"system_cpu_s":{:.3f},"cpu_us_per_op":{:.3f},)",
      result.slowest_second_ops, result.longest_gap_ms, result.lines_per_s, result.p99_lag_ms,
      result.max_lag_ms, result.user_cpu_s, result.system_cpu_s, cpu_us_per_op(result));
  json += fmt::format(
      R"("overloaded":{},"unsent":{},"unknown":{},"errors":{},"verified":{},"products_checked":{},)"
      R"("stock_mismatches":{},"orders_checked":{},"order_mismatches":{}}})",
      result.overloaded, result.unsent, result.unknown, result.errors, boolean(result.verified.has_value()),
      verified.products, verified.stock_mismatches, verified.orders, verified.order_mismatches);
  return json;
}

std::string text_of(const BenchResult& result) {
  std::string text = fmt::format("workload          {}, {} connections x {}, {}, seed {}\n",
                                 name_of(result.workload), result.connections, result.depth,
                                 result.mix.empty() ? "place and abort" : result.mix, result.seed);
  text += fmt::format("seconds           {:>12.1f}\n", result.seconds);
  text += fmt::format("operations        {:>12}\n", result.ops);
  text += rate_lines(result);
  text += fmt::format("lines/s           {:>12.0f}\n", result.lines_per_s);
  text += fmt::format("slowest second    {:>12} operations\n", result.slowest_second_ops);
  text += fmt::format("longest gap       {:>12.3f} ms without an answer\n", result.longest_gap_ms);
  text += latency_table(result);
  text += fmt::format("generator's CPU   {:>12.3f} us an operation ({:.1f} s user, {:.1f} s system)\n",
                      cpu_us_per_op(result), result.user_cpu_s, result.system_cpu_s);
  text += fmt::format("overloaded        {:>12}\n", result.overloaded);
  text += fmt::format("errors            {:>12}\n", result.errors);
  return text + verification_lines(result);
}

ExitCode exit_code_of(const BenchResult& result) {
  const Verification verified = result.verified.value_or(Verification{});
  if (verified.stock_mismatches + verified.order_mismatches > 0) return kUntrusted;
  return result.errors > 0 ? kFailed : kDone;
}

}  // namespace stockfold
