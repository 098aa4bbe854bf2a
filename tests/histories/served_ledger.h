// Histories of the program itself: a serving process, client threads, kill -9 and SIGSTOP in between.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "histories/history.h"
#include "histories/order_of_positions.h"

namespace stockfold {

struct ServedOptions {
  std::filesystem::path scratch;  ///< Directory of the store; made here, and must be empty.
  std::uint64_t seed = 1;
  std::uint32_t clients = 16;
  std::uint32_t in_flight = 8;  ///< Of a client that pipelines; odd-numbered clients do not.
  std::uint32_t shelves = 1;
  std::size_t operations = 1'000;
  std::uint32_t kills = 1;   ///< kill -9 and a restart.
  std::uint32_t pauses = 1;  ///< SIGSTOP until clients have stopped waiting, then SIGCONT.
  /// Every kill also removes half of the log's newest file, and the views, like a disk that only pretended to
  /// sync. The judges must detect it.
  bool forgets = false;
};

struct ServedRun {
  History history;
  LoggedCommands log;
  std::size_t unknown = 0;  ///< Commands that got no answer, at least at first.
};

/// Serves a new store until the operations are done; there may be a few more. The machine decides the
/// schedule: the same seed draws the same requests, not the same history. Throws std::runtime_error if a
/// server does not start or ends by itself, or if the log holds a command id twice.
[[nodiscard]] ServedRun run_served(const ServedOptions& options);

}  // namespace stockfold
