// Whether a backup leaves the ledger the room that it needs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "core/fault.h"
#include "server/engine/disk_reserve.h"

namespace stockfold {

/// Of backups that lie on the ledger's own disk: one that fills it up keeps the ledger from taking commands.
/// Backups on another disk have all the room that there is. Any thread.
class BackupRoom {
 public:
  /// `reserve`: as that of DiskReserve. `data` and `backups` are there.
  BackupRoom(const std::filesystem::path& data, std::filesystem::path backups,
             std::optional<std::uint64_t> reserve);

  /// Whether there are so many bytes beyond the reserve; the fault has the figures.
  [[nodiscard]] Result<void> check(std::uint64_t bytes) const;

 private:
  std::filesystem::path backups_;
  std::optional<std::uint64_t> reserve_;
  DiskReserve::Look look_;  ///< Null: the backups are on another disk.
};

}  // namespace stockfold
