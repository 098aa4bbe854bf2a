// The files that say what backups consist of. RocksDB does not check them, and ends the process where two of
// them contradict each other: so each has a checksum of ours beside it.
#pragma once

#include <rocksdb/env.h>

#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "core/fault.h"
#include "storage/engine/backups.h"

namespace stockfold {

/// Writes the checksum of what a backup consists of, durably.
Result<void> seal_backup(const std::filesystem::path& dir, BackupNumber number);

/// The same goes. Nothing where there is none.
Result<void> unseal_backup(const std::filesystem::path& dir, BackupNumber number);

/// Those of all backups beyond `last` go, durably, also where nothing else is left of one.
Result<void> unseal_backups_after(const std::filesystem::path& dir, BackupNumber last);

/// Backups up to `last` of which it is not known any more what they consist of, and why.
Result<std::map<BackupNumber, Fault>> unsealed_backups(const std::filesystem::path& dir, BackupNumber last);

/// The machine's files without these backups in `dir`.
std::unique_ptr<rocksdb::Env> environment_without(const std::filesystem::path& dir,
                                                  std::set<BackupNumber> backups);

}  // namespace stockfold
