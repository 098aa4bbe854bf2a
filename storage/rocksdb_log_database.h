// The database that holds the log: how it is made, opened for writing, and opened without writing a byte.
#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/db.h>

#include <cstddef>
#include <expected>
#include <filesystem>
#include <memory>

#include "core/fault.h"
#include "storage/ledger_record.h"

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
};

/// Makes a log without commits in `dir`, which must not exist: after a crash it is there and whole, or it is
/// not there.
std::expected<void, Fault> create_log_database(const std::filesystem::path& dir, const LedgerRecord& record);

/// What becomes of a damaged record among those that are not yet in a table.
enum class DamagedRecords : std::uint8_t {
  refuse,  ///< Opening fails, be the record damaged or torn.
  stop,    ///< The log ends before it, as it would for open_log_database().
};
/// Opens to look: no byte in `dir` changes.
std::expected<LogDatabase, Fault> open_log_database_to_look(const std::filesystem::path& dir,
                                                            DamagedRecords damaged);

/// Opens to write. The log ends before the first damaged record: look first.
std::expected<LogDatabase, Fault> open_log_database(const std::filesystem::path& dir,
                                                    const LogDatabaseOptions& options);

std::expected<LedgerRecord, Fault> read_ledger_record(const LogDatabase& database);

}  // namespace stockfold
