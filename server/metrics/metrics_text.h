// Renders counts and readings in Prometheus' text format 0.0.4. docs/OPERATIONS.md explains each metric.
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
  GlobalPosition position;  ///< The view holds all events up to here.
  bool ready = true;
};

/// Connections of one protocol.
struct ConnectionsReading {
  std::size_t open = 0;
  std::size_t most = 0;
};

/// Values at the moment of a reading, in addition to the counts.
struct Readings {
  std::string version;  ///< Of the program.
  Head head;
  std::vector<ViewReading> views;
  double view_lag_seconds = 0;              ///< The age of the oldest commit that a ready view lacks.
  std::uint64_t most_view_lag = 0;          ///< In events: above it commands are refused.
  std::array<std::uint64_t, 3> rebuilds{};  ///< Rebuilds done, by finding: same, differs, nothing.
  bool rebuilding = false;
  WriterLoad load;
  WriterOptions limits;
  ConnectionsReading tcp;
  ConnectionsReading http;
  std::size_t connection_memory = 0;  ///< In bytes; so is the next.
  std::size_t most_connection_memory = 0;
  bool tokens_unreadable = false;  ///< The token file cannot be read; the tokens read before stay valid.
  std::optional<UnixMillis> certificate_expires;  ///< Empty if there is no certificate.
  std::uint64_t disk_reserve = 0;                 ///< In bytes.
  double sync_seconds = 0;                        ///< How long the present commit has waited for the disk.
  double clock_jump_seconds = 0;                  ///< Error of a clock that is not trusted; below 0: behind.
  SampledFigures sample;
};

/// Pure.
[[nodiscard]] std::string render(const Metrics& metrics, const Readings& readings);

}  // namespace stockfold
