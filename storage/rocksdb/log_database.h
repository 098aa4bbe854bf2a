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

/// An open database. Closed by its end.
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

/// Makes a log without commits in `dir`, which must not exist: after a crash it is there and whole, or it is
/// not there.
Result<void> create_log_database(const std::filesystem::path& dir, const LedgerRecord& record,
                                 rocksdb::Env* env = rocksdb::Env::Default());

/// Makes durable which files and directories are in `dir`.
Result<void> sync_entries(const std::filesystem::path& dir, rocksdb::Env* env);

/// What becomes of a damaged record among those that are not yet in a table.
enum class DamagedRecords : std::uint8_t {
  refuse,  ///< Opening fails, be the record damaged or torn.
  stop,    ///< The log ends before it, as it would for open_log_database().
};
/// Opens to look: no byte in `dir` changes.
Result<LogDatabase> open_log_database_read_only(const std::filesystem::path& dir, DamagedRecords damaged,
                                                rocksdb::Env* env = rocksdb::Env::Default());

/// Opens to write: look first. What is not in a table yet is moved into one, and the records behind a damaged
/// one, where it stops there, are then gone.
Result<LogDatabase> open_log_database(const std::filesystem::path& dir, const LogDatabaseOptions& options,
                                      DamagedRecords damaged = DamagedRecords::refuse);

Result<LedgerRecord> read_ledger_record(const LogDatabase& database);

/// The log in `dir`, which nobody has open and which is in the life `from` of its ledger, is from now on in
/// `to`. Where it is in another one, or `to` is not beyond it, nothing changes. Returns when it is on disk.
Result<void> raise_epoch(const std::filesystem::path& dir, Epoch from, Epoch to,
                         rocksdb::Env* env = rocksdb::Env::Default());

}  // namespace stockfold
