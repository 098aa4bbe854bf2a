// Reports on backups.
#pragma once

#include <string>
#include <vector>

#include "core/fault.h"
#include "projections/audit/log_audit.h"
#include "storage/engine/backups.h"

namespace stockfold {

/// A backup that was made and proved.
struct BackupReport {
  Backup backup;
  std::uint64_t new_bytes = 0;
  AuditFigures figures;
  std::size_t removed = 0;  ///< Older ones, by --keep.
  double seconds = 0;
};

/// A store that was made from a backup.
struct RestoreReport {
  Backup backup;
  Head head;  ///< Of the new store.
  AuditFigures figures;
  double seconds = 0;
};

/// A backup, and the result of its proof.
struct VerifiedBackup {
  BackupNumber number = 0;
  Result<AuditFigures> figures;
};

/// One object on one line each, without its line end.
[[nodiscard]] std::string json_of(const BackupReport& report);
[[nodiscard]] std::string json_of(const RestoreReport& report);
[[nodiscard]] std::string json_of(const ListedBackup& listed);
[[nodiscard]] std::string json_of(const VerifiedBackup& verified);

/// Several lines, without the last line end.
[[nodiscard]] std::string text_of(const BackupReport& report);
[[nodiscard]] std::string text_of(const RestoreReport& report);
[[nodiscard]] std::string text_of(const VerifiedBackup& verified);
/// A table, with its line ends.
[[nodiscard]] std::string text_of(const std::vector<ListedBackup>& all);

}  // namespace stockfold
