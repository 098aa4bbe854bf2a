// A store in the making, in RocksDB.
#pragma once

#include <rocksdb/env.h>

#include <filesystem>
#include <functional>
#include <memory>

#include "core/fault.h"
#include "storage/engine/new_store.h"
#include "storage/engine/store.h"
#include "storage/log/ledger_record.h"

namespace stockfold {

/// StorageEngine::make().
Result<std::unique_ptr<NewStore>> make_rocksdb_store(const std::filesystem::path& dir,
                                                     const LedgerRecord& ledger, const StoreOptions& options,
                                                     rocksdb::Env* env);

/// Makes the database of a log in a directory that does not exist yet.
using MakeLog = std::function<Result<void>(const std::filesystem::path& log)>;

/// The same with the log that `make_log` makes. If that fails, nothing is left.
Result<std::unique_ptr<NewStore>> make_rocksdb_store_of(const std::filesystem::path& dir,
                                                        const MakeLog& make_log, const StoreOptions& options,
                                                        rocksdb::Env* env);

}  // namespace stockfold
