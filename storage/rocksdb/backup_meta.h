// The metadata files of backups. RocksDB does not check them, and aborts the process if two of them
// contradict each other. So a seal, a file with a checksum of ours, lies next to each.
#pragma once

#include <rocksdb/env.h>

#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "core/fault.h"
#include "storage/engine/backups.h"

namespace stockfold {

/// Writes the seal of a backup's metadata, durably.
Result<void> seal_backup(const std::filesystem::path& dir, BackupNumber number);

/// Removes the seal. Does nothing if there is none.
Result<void> unseal_backup(const std::filesystem::path& dir, BackupNumber number);

/// Removes the seals of all backups after `last`, durably, even of those of which nothing else is left.
Result<void> unseal_backups_after(const std::filesystem::path& dir, BackupNumber last);

/// The backups up to `last` whose metadata is damaged or missing, and what is wrong with each.
Result<std::map<BackupNumber, Fault>> unsealed_backups(const std::filesystem::path& dir, BackupNumber last);

/// The machine's files, but without these backups in `dir`.
std::unique_ptr<rocksdb::Env> environment_without(const std::filesystem::path& dir,
                                                  std::set<BackupNumber> backups);

}  // namespace stockfold
