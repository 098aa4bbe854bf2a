// Backups with RocksDB's BackupEngine: tables are copied once and shared by the backups that hold them.
#pragma once

#include <filesystem>
#include <memory>

#include "core/fault.h"
#include "storage/engine/backups.h"

namespace stockfold {

/// StorageEngine::open_backups().
Result<std::unique_ptr<WritableBackups>> open_rocksdb_backups(const std::filesystem::path& dir);

/// StorageEngine::open_backups_read_only().
Result<std::unique_ptr<Backups>> open_rocksdb_backups_read_only(const std::filesystem::path& dir);

}  // namespace stockfold
