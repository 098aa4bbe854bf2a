// Histories of a ledger in this process, under a schedule drawn from a seed: no threads, no clock, no disk.
#pragma once

#include <cstdint>
#include <string_view>

#include "histories/history.h"
#include "histories/order_of_positions.h"

namespace stockfold {

/// A flaw of a ledger. Each one must be detected by the judges.
enum class Flaw : std::uint8_t {
  none,
  second_writer,           ///< Two ledgers on one log, whose append ignores its condition.
  answer_before_sync,      ///< The log answers before it is durable, and a power cut loses its tail.
  version_before_receipt,  ///< Expected versions are checked before command ids.
  stale_read,              ///< Reads are answered from views that trail.
};
/// "second writer" and so on; "none".
[[nodiscard]] std::string_view name_of(Flaw flaw);

struct ScheduleOptions {
  std::uint64_t seed = 1;
  Flaw flaw = Flaw::none;
  std::uint32_t clients = 8;
  std::uint32_t in_flight = 3;  ///< Of one client; odd-numbered clients have one.
  std::uint32_t shelves = 1;
  std::size_t operations = 400;
};

struct ScheduledRun {
  History history;
  LoggedCommands log;  ///< Empty if the flaw is in the log, which then need not be readable.
  std::uint32_t power_cuts = 0;
};

/// The engine that the server has, behind a network with delays. Requests and replies are under way for a
/// while, connections are given up, and the power is cut. Most commands without an answer are
/// sent again. The same options make the same run.
[[nodiscard]] ScheduledRun run_schedule(const ScheduleOptions& options);

}  // namespace stockfold
