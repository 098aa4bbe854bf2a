// The result of a benchmark.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/console/exit_code.h"
#include "tools/load/histogram.h"
#include "tools/load/load.h"

namespace stockfold {

enum class Workload : std::uint8_t { hot, spread };
/// "hot", "spread".
[[nodiscard]] std::string_view name_of(Workload workload);

/// In milliseconds.
struct Latencies {
  double mean = 0;
  double p50 = 0;
  double p90 = 0;
  double p99 = 0;
  double p999 = 0;
  double p9999 = 0;
  double max = 0;
};
[[nodiscard]] Latencies latencies_of(const Histogram& nanoseconds);

struct ActionResult {
  Action action = Action::place;
  std::uint64_t ops = 0;
  Latencies latency;  ///< From when a command was due.
  Latencies service;  ///< From when it was sent.
};

/// What was read back afterwards, and how often it differed from the answers.
struct Verification {
  std::uint64_t products = 0;
  std::uint64_t stock_mismatches = 0;
  std::uint64_t orders = 0;
  std::uint64_t order_mismatches = 0;
};

struct BenchResult {
  Workload workload = Workload::hot;
  std::size_t products = 0;
  std::size_t connections = 0;
  std::size_t depth = 0;
  std::string mix;  ///< Empty: orders placed and aborted.
  std::uint64_t seed = 0;
  double seconds = 0;
  std::optional<double> rate;  ///< Asked for, a second; left out of a closed loop.
  std::uint64_t ops = 0;
  Latencies latency;
  Latencies service;
  std::vector<ActionResult> actions;  ///< Of the mix.
  std::uint64_t slowest_second_ops = 0;
  double longest_gap_ms = 0;
  double lines_per_s = 0;
  double p99_lag_ms = 0;  ///< How late the generator itself was.
  double max_lag_ms = 0;
  double user_cpu_s = 0;
  double system_cpu_s = 0;
  std::uint64_t errors = 0;
  std::uint64_t overloaded = 0;
  std::uint64_t unknown = 0;
  std::uint64_t unsent = 0;
  std::optional<Verification> verified;  ///< Left out: nothing was read back.

  [[nodiscard]] double ops_per_s() const { return seconds > 0 ? static_cast<double>(ops) / seconds : 0; }
  /// Whether the answers kept up with the rate, within 1 %. Empty for a closed loop.
  [[nodiscard]] std::optional<bool> rate_held() const;
};

/// Everything except what a load does not know: its name, and what was read back.
[[nodiscard]] BenchResult result_of(const LoadPlan& plan, const LoadResult& load);

[[nodiscard]] std::string json_of(const BenchResult& result);
[[nodiscard]] std::string text_of(const BenchResult& result);
[[nodiscard]] ExitCode exit_code_of(const BenchResult& result);

/// Latencies of all commands, including those that were still unsent at the end.
[[nodiscard]] Histogram latency_of(const LoadResult& load);

}  // namespace stockfold
