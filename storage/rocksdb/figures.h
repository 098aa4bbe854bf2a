// What RocksDB measures of a store's databases, and the names under which it is published.
#pragma once

#include <rocksdb/db.h>

#include <cstdint>
#include <span>
#include <vector>

#include "storage/engine/figures.h"

namespace stockfold {

struct DatabaseFigures {
  std::uint64_t disk_bytes = 0;      ///< Of all files of the database.
  std::uint64_t memtable_bytes = 0;  ///< Rows that are not yet in tables, or that a reader still holds.
  std::uint64_t pending_compaction_bytes = 0;
  std::uint64_t running_compactions = 0;
  std::uint64_t running_flushes = 0;
  std::uint64_t background_errors = 0;  ///< Since it was opened; so are the next two.
  std::uint64_t write_slowdowns = 0;    ///< How often writes were slowed so that compaction keeps up.
  std::uint64_t write_stops = 0;        ///< How often writes had to wait for compaction.
  bool writes_stopped = false;          ///< Writes wait now.
  std::vector<std::uint64_t> tables;    ///< Their number by level, the newest first.
};

/// Takes the database's mutex for moments, and looks at each of its files. `families` are the column families
/// whose stalls are counted. A figure that cannot be read is 0. Any thread.
DatabaseFigures figures_of(rocksdb::DB& db, std::span<rocksdb::ColumnFamilyHandle* const> families);

struct RocksDbFigures {
  DatabaseFigures log;
  DatabaseFigures views;
  std::uint64_t block_cache_bytes = 0;
  std::uint64_t block_cache_capacity_bytes = 0;
  std::uint64_t free_bytes = 0;  ///< Left on the file system.
};

/// As every engine gives them. The names are those of the metrics: operators rely on them.
[[nodiscard]] StoreFigures store_figures_of(const RocksDbFigures& figures);

}  // namespace stockfold
