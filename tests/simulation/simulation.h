// Lives of a ledger, one after the other, each ended by what ends ledgers; all of it from one seed.
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
  power_cut,      ///< In the middle of any change to the disk, be it of a commit, a flush, a compaction or a
                  ///< start.
  full_then_cut,  ///< The same, on a disk that has little room or none, be it before or after that was met.
  errors_then_cut,  ///< The same, on a disk where operations fail now and then.
  stalls_then_cut,  ///< The same, on a disk that often takes long.
  kill,             ///< Of the process alone: the next power cut may still take what was not synced.
  shut_down,
  disk_error,   ///< Whatever a disk does fails now and then, until one such is met.
  flipped_bit,  ///< A read returns a bit wrong.
  disk_full,
};
inline constexpr std::size_t kEnds = 9;
[[nodiscard]] std::string_view name_of(End end);
/// The power goes.
[[nodiscard]] constexpr bool is_cut(End end) { return end <= End::stalls_then_cut; }

struct SimulationOptions {
  std::uint64_t seed = 1;
  int lives = 12;
  /// How likely each end is, against the others.
  std::array<unsigned, kEnds> ends{4, 4, 2, 1, 1, 1, 2, 2, 1};
  std::size_t clients = 4;
  std::size_t steps = 400;  ///< Of a life at most.
  /// Deliberately broken: the disk acknowledges syncs that it does not do.
  bool syncs_lie = false;
};

struct SimulationReport {
  std::array<std::uint64_t, kEnds> ends{};  ///< How often each was met.
  std::uint64_t cuts = 0;                   ///< Of the power.
  std::uint64_t cut_starts = 0;             ///< Of them: before the ledger was ready.
  std::uint64_t cuts_after_full = 0;        ///< Of them: after something had found no room in that life.
  std::uint64_t cuts_after_error = 0;       ///< Of them: after something else had failed in that life.
  std::uint64_t stalls = 0;                 ///< Of the disk,
  std::uint64_t stalled_seconds = 0;        ///< and for how long, by the simulated clock.
  std::uint64_t let_go = 0;                 ///< Connections whose deadline had passed.
  std::uint64_t faults_met = 0;             ///< After which the ledger stopped writing, and said so.
  std::uint64_t torn_tails = 0;
  std::uint64_t events = 0;
  std::uint64_t disk_changes = 0;
  SimulatedClient::Counts clients;
  std::uint64_t digest = 0;  ///< Of every change to the disk and every reply: the same for the same seed.

  SimulationReport& operator+=(const SimulationReport& other);
};

/// Runs one, in a directory that is empty. Throws Violation where a promise is broken: what was acknowledged
/// is lost, done twice or answered otherwise, what nobody sent was done, a view or an answer is wrong, a
/// store does not open again though nothing but power went, a ledger writes on after a write failed.
SimulationReport simulate(const std::filesystem::path& directory, const SimulationOptions& options);

}  // namespace stockfold
