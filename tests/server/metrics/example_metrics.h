// Metrics in which every value is set, and differs from the others.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "server/metrics/metrics_text.h"
#include "storage/rocksdb/figures.h"

namespace stockfold {

inline Metrics example_metrics() {
  Metrics metrics;
  const auto begun = std::chrono::steady_clock::time_point(std::chrono::seconds(100));
  const std::vector<Command> commands = {
      {.body = PlaceOrder{}}, {.body = PlaceOrder{}}, {.body = AbortOrder{*OrderId::parse("1"), ""}}};
  const std::vector<Answer> answers = {
      {Accepted{}}, {Accepted{}, true}, {refuse(Rule::order_already_aborted, "")}};
  const std::vector<std::chrono::steady_clock::time_point> asked = {begun - std::chrono::milliseconds(3),
                                                                    begun - std::chrono::milliseconds(3),
                                                                    begun - std::chrono::microseconds(40)};
  metrics.count({.commands = commands,
                 .answers = answers,
                 .asked = asked,
                 .events = 2,
                 .begun = begun,
                 .deciding = std::chrono::microseconds(7),
                 .append = {.bytes = 700,
                            .write = std::chrono::microseconds(50),
                            .sync = std::chrono::microseconds(900)},
                 .answered = begun + std::chrono::milliseconds(1)});
  metrics.commands.count(CommandKind::place_order, ErrorCode::overloaded);
  for (std::size_t i = 0; i < metrics.queries.size(); ++i) metrics.queries[i] = 12 + i;
  for (std::size_t i = 0; i < CommandCounts::kErrors; ++i) metrics.errors[i] = 30 + i;
  metrics.http_answers[200] = 41;
  metrics.http_answers[409] = 42;
  metrics.tcp = {.accepted = 51,
                 .rejected = 52,
                 .received_bytes = 53,
                 .sent_bytes = 54,
                 .closed = {55, 56, 57, 58, 59, 60}};
  metrics.http = {.accepted = 61,
                  .rejected = 62,
                  .received_bytes = 63,
                  .sent_bytes = 64,
                  .closed = {65, 66, 67, 68, 69, 70}};
  metrics.failed_log_ins = 74;
  return metrics;
}

inline Readings example_readings() {
  Readings now;
  now.version = "1.2.3";
  now.head = {.ledger = {},
              .epoch = Epoch(2),
              .position = GlobalPosition(1'000),
              .hash = {},
              .time = UnixMillis(1'767'323'045'678)};
  now.views = {{"stock", GlobalPosition(990), true}, {"movements", GlobalPosition(100), false}};
  now.view_lag_seconds = 0.25;
  now.most_view_lag = 300'000;
  now.rebuilds = {71, 72, 73};
  now.rebuilding = true;
  now.load = {.commands = 81, .lines = 82, .refused_full = 83, .refused_behind = 84};
  now.limits = {.queue_limit = 85, .queue_lines = 86};
  now.tcp = {.open = 87, .most = 88};
  now.http = {.open = 89, .most = 90};
  now.certificate_expires = UnixMillis(1'800'000'000'500);
  now.tokens_unreadable = true;
  now.connection_memory = 91;
  now.most_connection_memory = 92;
  now.disk_reserve = 93;
  now.sync_seconds = 2.5;
  now.clock_jump_seconds = 94.5;
  const auto database = [](std::uint64_t from) {
    return DatabaseFigures{.disk_bytes = from,
                           .memtable_bytes = from + 1,
                           .pending_compaction_bytes = from + 2,
                           .running_compactions = from + 3,
                           .running_flushes = from + 4,
                           .background_errors = from + 5,
                           .write_slowdowns = from + 6,
                           .write_stops = from + 7,
                           .writes_stopped = from == 110,
                           .tables = {from + 8, from + 9}};
  };
  now.sample.store = store_figures_of({.log = database(100),
                                       .views = database(110),
                                       .block_cache_bytes = 120,
                                       .block_cache_capacity_bytes = 121,
                                       .free_bytes = 122});
  now.sample.program = {.cpu_seconds = 130.5,
                        .start_seconds = 131.25,
                        .resident_bytes = 132,
                        .virtual_bytes = 133,
                        .open_files = 134,
                        .most_open_files = 135};
  return now;
}

}  // namespace stockfold
