// Views in RocksDB: a database of their own without a log of its own, since the ledger's log is their log.
#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/env.h>

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/fault.h"
#include "storage/rocksdb/figures.h"
#include "storage/views/view_store.h"

namespace stockfold {

struct RocksDbViewOptions {
  std::filesystem::path dir;
  std::vector<std::string> names;               ///< Of the views, each in a column family.
  std::size_t buffer_bytes = 32U << 20;         ///< Of each view's memtable.
  std::shared_ptr<rocksdb::Cache> block_cache;  ///< Null: a small one of its own.
  rocksdb::Env* env = rocksdb::Env::Default();
};

class RocksDbViews : public ViewStore {
 public:
  /// Any thread.
  [[nodiscard]] virtual DatabaseFigures figures() const = 0;
  /// Of the database: see checkpoint_database().
  [[nodiscard]] virtual Result<void> checkpoint(const std::filesystem::path& dir) const = 0;
};

/// Opens the database in `dir`, or makes one. One that may be damaged is first looked at by
/// read_durable_checkpoints(). Views that are on disk but not among the names are left alone;
/// what an interrupted rebuild left of those that are is dropped.
/// Closing it makes what was written durable.
Result<std::unique_ptr<RocksDbViews>> open_rocksdb_views(const RocksDbViewOptions& options);

/// A view as a crash now would leave it. Writes nothing. Null where there is none of that name.
Result<std::unique_ptr<ViewSnapshot>> read_rocksdb_view(const std::filesystem::path& dir,
                                                        std::string_view name);

/// What a crash now would leave: the durable checkpoint of every view that has one. Writes nothing. Nothing
/// where the database is not there.
Result<std::map<std::string, ViewCheckpoint>> read_durable_checkpoints(
    const std::filesystem::path& dir, rocksdb::Env* env = rocksdb::Env::Default());

}  // namespace stockfold
