// What was counted, and how things are, in Prometheus' text format 0.0.4. docs/OPERATIONS.md has what each
// metric means.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/numbers.h"
#include "server/ledger/writer.h"
#include "server/metrics/metrics.h"
#include "server/metrics/sampler.h"
#include "storage/log/event_log.h"

namespace stockfold {

/// The value of Content-Type.
inline constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

struct ViewReading {
  std::string_view name;
  GlobalPosition position;  ///< It holds all events up to here.
  bool ready = true;
};

/// Of one protocol.
struct ConnectionsReading {
  std::size_t open = 0;
  std::size_t most = 0;
};

/// How things are at the moment of a reading, beside what is counted.
struct Readings {
  std::string version;  ///< Of the program.
  Head head;
  std::vector<ViewReading> views;
  double view_lag_seconds = 0;  ///< The age of the oldest commit that a view which is ready does not hold.
  std::uint64_t most_view_lag = 0;          ///< In events: past it commands are refused.
  std::array<std::uint64_t, 3> rebuilds{};  ///< Done, by finding: same, differs, nothing.
  bool rebuilding = false;
  WriterLoad load;
  WriterOptions limits;
  ConnectionsReading tcp;
  ConnectionsReading http;
  std::size_t connection_memory = 0;  ///< In bytes; so is the next.
  std::size_t most_connection_memory = 0;
  bool tokens_unreadable = false;                 ///< Their file is: those that it had before are in force.
  std::optional<UnixMillis> certificate_expires;  ///< Empty where there is none.
  std::uint64_t disk_reserve = 0;                 ///< In bytes.
  double sync_seconds = 0;                        ///< That the present commit waits for the disk.
  double clock_jump_seconds = 0;                  ///< Of a clock that is not believed; below 0: behind.
  SampledFigures sample;
};

/// Pure.
[[nodiscard]] std::string render(const Metrics& metrics, const Readings& readings);

}  // namespace stockfold
