// Faults of a process and its disk while clients keep commands in flight.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "end_to_end/crash_load.h"

namespace stockfold {

struct FaultResult {
  std::uint64_t faults = 0;  ///< Number of kills, stops, or times that the disk was full.
  CrashTally tally;
  double slowest_restart_s = 0;     ///< From start to ready line; 0 if nothing was restarted.
  std::vector<std::string> broken;  ///< Broken promises beyond those of the tally; empty: none.

  [[nodiscard]] bool is_good() const { return broken.empty() && tally.is_good(); }
};

/// Number of faults so far.
using FaultProgress = std::function<void(std::uint64_t done)>;

/// kill -9 after some tenths of a second, this often, each followed by a restart.
[[nodiscard]] FaultResult kill_often(const std::filesystem::path& scratch, std::uint64_t kills,
                                     std::uint64_t seed, const FaultProgress& progress);

/// SIGSTOP, and SIGCONT some tenths of a second later; clients wait.
[[nodiscard]] FaultResult stop_often(const std::filesystem::path& scratch, std::uint64_t stops,
                                     std::uint64_t seed, const FaultProgress& progress);

/// A directory with little room, and later with more.
class SmallDisk {
 public:
  virtual ~SmallDisk() = default;
  [[nodiscard]] virtual std::filesystem::path path() const = 0;
  virtual void grow() = 0;
  /// Whether there is as little room until grow(), for new files as well.
  [[nodiscard]] virtual bool stays_full() const = 0;
};

/// A ledger on a disk that becomes full, this often. The ledger stops with exit code 1 and gives the reason,
/// does not start again while it cannot write, and once there is room holds everything it had acknowledged.
[[nodiscard]] FaultResult fill_often(SmallDisk& disk, std::uint64_t times, std::uint64_t seed,
                                     const FaultProgress& progress);

}  // namespace stockfold
