// A ledger under siege: honest clients beside crowds that mean harm, and what came of both.
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
  /// How long the ledger may keep those who are there when nobody comes back any more. Empty: for ever, there
  /// is nothing wrong with them but that they are greedy.
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
  std::chrono::milliseconds measured{10'000};  ///< Before, during and after each.
  SiegeDeadlines deadlines;
  std::uint64_t seed = 1;
  /// Sieges, an odd number, where the first leaves less than is to be kept: the speed of a machine changes
  /// from one minute to the next. The one in the middle counts.
  std::size_t runs = 1;
};

/// Of the honest clients.
struct HonestFigures {
  double ops_per_s = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  Spread spread;
};

struct SiegeResult {
  std::size_t connections = 0;   ///< Of the crowds.
  std::uint64_t connects = 0;    ///< That they made.
  std::uint64_t turned_out = 0;  ///< Of those, how many the ledger ended.
  HonestFigures before;
  HonestFigures during;
  HonestFigures after;
  std::uint64_t memory_before = 0;  ///< Resident, in bytes.
  std::uint64_t memory_peak = 0;    ///< Until the crowds were gone.
  std::uint64_t memory_after = 0;
  std::uint64_t memory_bound = 0;   ///< That the peak may not exceed.
  double let_go_s = 0;              ///< From when nobody came back until the ledger held none of them.
  std::size_t runs = 1;             ///< This one is the one in the middle of so many.
  std::vector<std::string> broken;  ///< Promises, in any of them; empty: none.

  /// Of the rate without the crowds.
  [[nodiscard]] double share() const {
    return before.ops_per_s > 0 ? during.ops_per_s / before.ops_per_s : 0;
  }
};

/// Starts a ledger for each run, measures the honest clients alone, with the crowds, and alone again.
/// `least_share` of the rate they must keep, and each of them of the average of all.
[[nodiscard]] SiegeResult besiege(const Scenario& scenario, const SiegeOptions& options, double least_share);

/// All scenarios, with crowds of `share` of their full number, at least one connection each.
[[nodiscard]] std::vector<Scenario> all_scenarios(double share, const SiegeDeadlines& deadlines);

}  // namespace stockfold
