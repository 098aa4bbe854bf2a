// A load on a ledger: clients that place orders and abort them again, over sockets of their own.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/ids.h"
#include "tools/histogram.h"

namespace stockfold {

struct LoadPlan {
  std::string host;
  std::uint16_t port = 0;
  std::string run;  ///< In front of every order id, so that no two runs share one.
  std::vector<Sku> products;
  std::size_t connections = 1;
  std::size_t depth = 1;  ///< Clients that share a connection, each with one command in flight.
  std::chrono::milliseconds warm_up{1'000};
  std::chrono::milliseconds measured{10'000};
  std::chrono::milliseconds patience{30'000};  ///< For the last answers.
  bool command_ids = false;
  /// Called twice a second with the answers so far; may be empty.
  std::function<void(std::uint64_t done, std::chrono::milliseconds left)> progress;
};

struct LoadResult {
  Histogram latency;         ///< In nanoseconds, of what was accepted in the measured time.
  std::uint64_t errors = 0;  ///< Refusals, error replies and commands without an answer, at any time.
  std::string first_error;
  std::vector<std::int64_t> taken;  ///< Units of each product in orders still in progress, by the answers.
};

/// Runs until every client has aborted its last order. One thread, the caller's.
[[nodiscard]] LoadResult run_load(const LoadPlan& plan);

}  // namespace stockfold
