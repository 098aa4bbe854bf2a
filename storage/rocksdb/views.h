// Views in RocksDB: a database of their own, without a write-ahead log. The ledger's log takes its place.
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
  std::vector<std::string> names;               ///< Of the views. Each is in a column family.
  std::size_t buffer_bytes = 32U << 20;         ///< Of each view's memtable.
  std::shared_ptr<rocksdb::Cache> block_cache;  ///< Null: a small one of its own.
  rocksdb::Env* env = rocksdb::Env::Default();
};

class RocksDbViews : public ViewStore {
 public:
  /// Any thread.
  [[nodiscard]] virtual DatabaseFigures figures() const = 0;
  /// See checkpoint_database().
  [[nodiscard]] virtual Result<void> checkpoint(const std::filesystem::path& dir) const = 0;
};

/// Opens the database in `dir`, or makes one. If it may be damaged, call read_durable_checkpoints() first.
/// Views on disk that are not among the names are left alone. What an interrupted rebuild left of the named
/// ones is dropped. Closing the database makes its writes durable.
Result<std::unique_ptr<RocksDbViews>> open_rocksdb_views(const RocksDbViewOptions& options);

/// A view as a crash now would leave it. Writes nothing. Null if there is no view of that name.
Result<std::unique_ptr<ViewSnapshot>> read_rocksdb_view(const std::filesystem::path& dir,
                                                        std::string_view name);

/// The checkpoint of every view as a crash now would leave it. Views without a durable checkpoint are left
/// out. Writes nothing. Empty if there is no database.
Result<std::map<std::string, ViewCheckpoint>> read_durable_checkpoints(
    const std::filesystem::path& dir, rocksdb::Env* env = rocksdb::Env::Default());

}  // namespace stockfold
