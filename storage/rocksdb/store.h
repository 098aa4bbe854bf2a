// A store in a directory: the lock, the database of the log, the database of the views.
#pragma once

#include <rocksdb/env.h>

#include <filesystem>
#include <memory>

#include "core/fault.h"
#include "storage/engine/store.h"

namespace stockfold {

/// StorageEngine::open().
Result<std::unique_ptr<Store>> open_rocksdb_store(const std::filesystem::path& dir,
                                                  const StoreOptions& options, rocksdb::Env* env);

/// StorageEngine::open_read_only().
Result<std::unique_ptr<ReadOnlyStore>> open_rocksdb_store_read_only(const std::filesystem::path& dir,
                                                                    rocksdb::Env* env);

/// StorageEngine::set_damaged_views_aside().
Result<bool> set_damaged_rocksdb_views_aside(const std::filesystem::path& dir, rocksdb::Env* env);

}  // namespace stockfold
