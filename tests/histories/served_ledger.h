// Histories of the program itself: a process that serves, client threads, kill -9 and stopping in between.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "histories/history.h"
#include "histories/order_of_positions.h"

namespace stockfold {

struct ServedOptions {
  std::filesystem::path scratch;  ///< Of the store; made, and empty.
  std::uint64_t seed = 1;
  std::uint32_t clients = 16;
  std::uint32_t in_flight = 8;  ///< Of a client that pipelines; odd ones do not.
  std::uint32_t shelves = 1;
  std::size_t operations = 1'000;
  std::uint32_t kills = 1;   ///< kill -9 and a restart.
  std::uint32_t pauses = 1;  ///< SIGSTOP until clients have given up waiting, then SIGCONT.
  /// Every kill takes half of the log's newest file, and the views, as a disk does that only said
  /// that it had synced: so that whoever judges what clients were told is known to notice.
  bool forgets = false;
};

struct ServedRun {
  History history;
  LoggedCommands log;
  std::size_t unknown = 0;  ///< Commands that got no answer, at least at first.
};

/// Serves a new store until the operations are done; they may be a few more. The schedule is the machine's:
/// the same seed draws the same questions, not the same history. Throws std::runtime_error where a server
/// does not start, or ends by itself, or the log holds a command id twice.
[[nodiscard]] ServedRun run_served(const ServedOptions& options);

}  // namespace stockfold
