// Lives of a ledger, one after the other, each ended by a crash, a fault or a shutdown; all drawn from one
// seed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "simulation/simulated_client.h"

namespace stockfold {

/// What ends a life.
enum class End : std::uint8_t {
  /// In the middle of any change to the disk: of a commit, a flush, a compaction or a start.
  power_cut,
  /// The same, on a disk with little room or none, before or after something found no room.
  full_then_cut,
  errors_then_cut,  ///< The same, on a disk where operations sometimes fail.
  stalls_then_cut,  ///< The same, on a disk that often stalls.
  kill,             ///< Of the process alone: the next power cut may still take what was not synced.
  shut_down,
  disk_error,   ///< Any disk operation may fail, until one failure is met.
  flipped_bit,  ///< A read returns a wrong bit.
  disk_full,
};
inline constexpr std::size_t kEnds = 9;
[[nodiscard]] std::string_view name_of(End end);
/// Whether the power is cut.
[[nodiscard]] constexpr bool is_cut(End end) { return end <= End::stalls_then_cut; }

struct SimulationOptions {
  std::uint64_t seed = 1;
  int lives = 12;
  /// The relative weight of each end.
  std::array<unsigned, kEnds> ends{4, 4, 2, 1, 1, 1, 2, 2, 1};
  std::size_t clients = 4;
  std::size_t steps = 400;  ///< Of a life, at most.
  /// Deliberately broken: the disk acknowledges syncs that it does not do.
  bool syncs_lie = false;
};

struct SimulationReport {
  std::array<std::uint64_t, kEnds> ends{};  ///< How often each end was met.
  std::uint64_t cuts = 0;                   ///< Power cuts.
  std::uint64_t cut_starts = 0;             ///< Of these, before the ledger was ready.
  std::uint64_t cuts_after_full = 0;        ///< Of these, after something had found no room in that life.
  std::uint64_t cuts_after_error = 0;       ///< Of these, after something else had failed in that life.
  std::uint64_t stalls = 0;                 ///< Of the disk,
  std::uint64_t stalled_seconds = 0;        ///< and for how long, by the simulated clock.
  std::uint64_t let_go = 0;                 ///< Connections closed at a deadline.
  std::uint64_t faults_met = 0;  ///< Faults after which the ledger stopped writing and reported it.
  std::uint64_t torn_tails = 0;
  std::uint64_t events = 0;
  std::uint64_t disk_changes = 0;
  SimulatedClient::Counts clients;
  std::uint64_t digest = 0;  ///< Of every change to the disk and every reply: the same for the same seed.

  SimulationReport& operator+=(const SimulationReport& other);
};

/// Runs one simulation, in an empty directory. Throws Violation if a promise is broken: acknowledged commands
/// are lost, done twice or answered otherwise; a command was done that no client sent; a view or an answer is
/// wrong; a store does not open although only the power was cut; a ledger writes on after a failed write.
SimulationReport simulate(const std::filesystem::path& directory, const SimulationOptions& options);

}  // namespace stockfold
