// A ledger under siege: honest clients next to hostile crowds, and the result for both.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hostile/crowd.h"
#include "hostile/fairness.h"

namespace stockfold {

struct CrowdPlan {
  enum class Port : std::uint8_t { protocol, http };
  Port port = Port::protocol;
  std::size_t connections = 0;
  Behaviour behaviour;
};

struct Scenario {
  std::string name;
  std::string text;  ///< What the crowds do, in a few words.
  std::vector<CrowdPlan> crowds;
  /// How long the ledger may keep open connections once none is made again. Empty: forever, because they do
  /// nothing wrong except to be greedy.
  std::optional<std::chrono::milliseconds> let_go;
};

/// The server's deadlines while it is besieged.
struct SiegeDeadlines {
  std::chrono::milliseconds hello{2'000};
  std::chrono::milliseconds frame{3'000};
  std::chrono::milliseconds write{3'000};
  std::chrono::milliseconds idle{15'000};
  std::chrono::milliseconds http{2'000};
};

struct SiegeOptions {
  std::size_t honest = 64;  ///< Clients that place an order and abort it, one command in flight each.
  std::chrono::milliseconds measured{10'000};  ///< Before, during and after each siege.
  SiegeDeadlines deadlines;
  std::uint64_t seed = 1;
  /// Number of sieges, odd, if the first leaves too small a share: the speed of a machine changes from one
  /// minute to the next. The middle one counts.
  std::size_t runs = 1;
};

/// Figures of the honest clients.
struct HonestFigures {
  double ops_per_s = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  Spread spread;
};

struct SiegeResult {
  std::size_t connections = 0;   ///< Of the crowds.
  std::uint64_t connects = 0;    ///< Connections that the crowds made.
  std::uint64_t turned_out = 0;  ///< Of those, how many the ledger closed.
  HonestFigures before;
  HonestFigures during;
  HonestFigures after;
  std::uint64_t memory_before = 0;  ///< Resident, in bytes.
  std::uint64_t memory_peak = 0;    ///< Until the crowds had left.
  std::uint64_t memory_after = 0;
  std::uint64_t memory_bound = 0;  ///< Upper bound of the peak.
  /// From the last connection attempt until the ledger held no connection of the crowds.
  double let_go_s = 0;
  std::size_t runs = 1;             ///< This one is the middle one of so many.
  std::vector<std::string> broken;  ///< Broken promises of any siege; empty: none.

  /// Relative to the rate without the crowds.
  [[nodiscard]] double share() const {
    return before.ops_per_s > 0 ? during.ops_per_s / before.ops_per_s : 0;
  }
};

/// Starts a ledger for each run, and measures the honest clients alone, with the crowds, and alone again.
/// They must keep `least_share` of their rate, and each of them that share of the average.
[[nodiscard]] SiegeResult besiege(const Scenario& scenario, const SiegeOptions& options, double least_share);

/// All scenarios, with crowds of `share` of their full size, at least one connection each.
[[nodiscard]] std::vector<Scenario> all_scenarios(double share, const SiegeDeadlines& deadlines);

}  // namespace stockfold
