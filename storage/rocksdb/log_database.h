// The database that holds the log: how it is made, opened for writing, and opened without writing a byte.
#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <cstddef>
#include <filesystem>
#include <memory>

#include "core/fault.h"
#include "storage/log/ledger_record.h"

namespace stockfold {

/// An open database, closed at the end of this object.
struct LogDatabase {
  std::unique_ptr<rocksdb::DB> db;
  std::unique_ptr<rocksdb::ColumnFamilyHandle> ledger;   ///< One row: the ledger record.
  std::unique_ptr<rocksdb::ColumnFamilyHandle> commits;  ///< First position, big-endian -> commit record.
};

struct LogDatabaseOptions {
  std::size_t buffer_bytes = 64U << 20;         ///< Of the memtable.
  std::shared_ptr<rocksdb::Cache> block_cache;  ///< Null: one of RocksDB's own.
  rocksdb::Env* env = rocksdb::Env::Default();
};

/// Makes a log without commits in `dir`, which must not exist. After a crash it is complete or missing.
Result<void> create_log_database(const std::filesystem::path& dir, const LedgerRecord& record,
                                 rocksdb::Env* env = rocksdb::Env::Default());

/// Makes the names of files and directories in `dir` durable.
Result<void> sync_entries(const std::filesystem::path& dir, rocksdb::Env* env);

/// What an open does with a damaged record that is not yet in a table.
enum class DamagedRecords : std::uint8_t {
  refuse,  ///< The open fails, whether the record is damaged or torn.
  stop,    ///< The log ends before the record.
};
/// Opens to read: no byte in `dir` changes. Checks tables and write-ahead files first.
Result<LogDatabase> open_log_database_read_only(const std::filesystem::path& dir, DamagedRecords damaged,
                                                rocksdb::Env* env = rocksdb::Env::Default());

/// Opens to write. Open it read-only first: that checks what RocksDB does not. Records that are not in a
/// table yet are moved into one. With DamagedRecords::stop, the records behind a damaged one are lost.
Result<LogDatabase> open_log_database(const std::filesystem::path& dir, const LogDatabaseOptions& options,
                                      DamagedRecords damaged = DamagedRecords::refuse);

Result<LedgerRecord> read_ledger_record(const LogDatabase& database);

/// Moves the log in `dir`, which no process has open, from the epoch `from` of its ledger to `to`. If it is
/// in another epoch, or `to` is not higher, nothing changes and a fault says so. Returns when it is on disk.
Result<void> raise_epoch(const std::filesystem::path& dir, Epoch from, Epoch to,
                         rocksdb::Env* env = rocksdb::Env::Default());

}  // namespace stockfold
