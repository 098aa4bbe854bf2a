// Checks that a backup leaves the ledger the disk space that it needs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "core/fault.h"
#include "server/engine/disk_reserve.h"

namespace stockfold {

/// Limits backups on the ledger's own disk: a full disk keeps the ledger from accepting commands. Backups on
/// another disk may fill it. Any thread.
class BackupRoom {
 public:
  /// `reserve`: as for DiskReserve. `data` and `backups` exist.
  BackupRoom(const std::filesystem::path& data, std::filesystem::path backups,
             std::optional<std::uint64_t> reserve);

  /// Whether so many bytes are free beyond the reserve; the fault has the figures.
  [[nodiscard]] Result<void> check(std::uint64_t bytes) const;

 private:
  std::filesystem::path backups_;
  std::optional<std::uint64_t> reserve_;
  DiskReserve::Look look_;  ///< Null: the backups are on another disk.
};

}  // namespace stockfold
