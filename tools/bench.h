// What a benchmark found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tools/exit_code.h"

namespace stockfold {

enum class Workload : std::uint8_t { hot, spread };
/// "hot", "spread".
[[nodiscard]] std::string_view name_of(Workload workload);

struct BenchResult {
  Workload workload = Workload::hot;
  std::size_t connections = 0;
  std::size_t depth = 0;
  double seconds = 0;
  std::uint64_t ops = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double p999_ms = 0;
  std::uint64_t errors = 0;
  std::uint64_t stock_mismatches = 0;

  [[nodiscard]] double ops_per_s() const { return static_cast<double>(ops) / seconds; }
};

[[nodiscard]] std::string json_of(const BenchResult& result);
[[nodiscard]] std::string text_of(const BenchResult& result);
[[nodiscard]] ExitCode exit_code_of(const BenchResult& result);

}  // namespace stockfold
