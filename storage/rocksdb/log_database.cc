#include "storage/rocksdb/log_database.h"

#include <rocksdb/options.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "storage/files/durable_directory.h"
#include "storage/rocksdb/no_recovery.h"
#include "storage/rocksdb/silence.h"
#include "storage/rocksdb/status.h"
#include "storage/rocksdb/tables.h"
#include "storage/rocksdb/wal_records.h"

namespace stockfold {
namespace {

constexpr const char* kLedgerKey = "ledger";
constexpr const char* kCommitsFamily = "log";

rocksdb::DBOptions database_options(rocksdb::Env* env) {
  rocksdb::DBOptions options;
  options.env = env;
  options.paranoid_checks = true;
  options.max_background_jobs = 2;
  options.max_open_files = 256;
  options.max_file_opening_threads = 1;  // of each column family at an open, for at most 64 tables
  options.bytes_per_sync = 1U << 20;     // tables reach the disk as they are written, not in one stall
  options.allow_concurrent_memtable_write = false;  // there is one writer
  options.max_bgerror_resume_count = 0;             // a failed sync is never retried
  options.recycle_log_file_num = 0;                 // an old record must never appear in place of a new one
  options.max_manifest_file_size = 64U << 20;  // which every open reads whole; RocksDB's own bound is 1 GB
  options.listeners.push_back(std::make_shared<NoRecovery>());
  options.info_log = std::make_shared<DiscardingLogger>();
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.skip_stats_update_on_db_open = true;
  return options;
}

rocksdb::WALRecoveryMode recovery_mode(DamagedRecords damaged) {
  return damaged == DamagedRecords::refuse ? rocksdb::WALRecoveryMode::kAbsoluteConsistency
                                           : rocksdb::WALRecoveryMode::kPointInTimeRecovery;
}

rocksdb::ColumnFamilyOptions commits_options(const LogDatabaseOptions& given) {
  rocksdb::BlockBasedTableOptions table = table_options_of_format();
  table.block_cache = given.block_cache;
  table.block_size = 32U << 10;
  table.cache_index_and_filter_blocks = true;  // so that the cache bounds them, however long the log is

  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.write_buffer_size = given.buffer_bytes;
  options.max_write_buffer_number = 4;
  options.paranoid_file_checks =
      true;  // a table is read back before the records that it replaces are dropped
  // Keys only ascend, so tables never overlap. Compaction moves them down a level without reading them, as
  // long as every level has the same compression. To make writes wait for it gains nothing.
  options.compression = rocksdb::kLZ4Compression;
  options.level0_slowdown_writes_trigger = 200;
  options.level0_stop_writes_trigger = 400;
  options.soft_pending_compaction_bytes_limit = 0;
  options.hard_pending_compaction_bytes_limit = 0;
  return options;
}

rocksdb::ColumnFamilyOptions ledger_options() {
  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_options_of_format()));
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> families(const LogDatabaseOptions& options) {
  return {{rocksdb::kDefaultColumnFamilyName, ledger_options()}, {kCommitsFamily, commits_options(options)}};
}

/// A read-only open of RocksDB accepts any column families; an open to write must name all of them. This
/// check gives both the same result. If the families cannot be listed, RocksDB reports why.
Result<void> check_families(const std::filesystem::path& dir, rocksdb::Env* env) {
  rocksdb::DBOptions options;
  options.env = env;
  std::vector<std::string> names;
  if (!rocksdb::DB::ListColumnFamilies(options, dir.string(), &names).ok()) return {};
  if (std::ranges::find(names, kCommitsFamily) == names.end()) {
    return std::unexpected(corruption({}, "the log in " + dir.string() + " has lost its column family \"" +
                                              kCommitsFamily + "\", and with it every event"));
  }
  for (const std::string& name : names) {
    if (name == kCommitsFamily || name == rocksdb::kDefaultColumnFamilyName) continue;
    return std::unexpected(
        Fault{FaultKind::newer_format,
              "the log in " + dir.string() + " has a column family \"" + name +
                  "\" that this version does not know: a later version or a RocksDB tool made it",
              {}});
  }
  return {};
}

LogDatabase adopt(rocksdb::DB* db, const std::vector<rocksdb::ColumnFamilyHandle*>& handles) {
  LogDatabase database;
  database.db.reset(db);
  database.ledger.reset(handles.at(0));
  database.commits.reset(handles.at(1));
  return database;
}

Result<LogDatabase> open(const rocksdb::DBOptions& database, const std::filesystem::path& dir,
                         const LogDatabaseOptions& options) {
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const rocksdb::Status opened = rocksdb::DB::Open(database, dir.string(), families(options), &handles, &db);
  if (!opened.ok()) return std::unexpected(fault_of(opened, "opening the log in " + dir.string()));
  return adopt(db, handles);
}

Result<void> put_ledger_record(const LogDatabase& database, const LedgerRecord& record) {
  rocksdb::WriteOptions durable;
  durable.sync = true;
  rocksdb::Status status = database.db->Put(durable, database.ledger.get(), kLedgerKey, encode(record));
  // Flushed to a table at once: a record in the write-ahead file would keep the file for ever.
  if (status.ok()) status = database.db->Flush(rocksdb::FlushOptions(), database.ledger.get());
  if (!status.ok()) return std::unexpected(fault_of(status, "writing the ledger record"));
  return {};
}

Result<void> write_ledger_record(const std::filesystem::path& dir, const LedgerRecord& record,
                                 rocksdb::Env* env) {
  rocksdb::DBOptions options = database_options(env);
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.error_if_exists = true;
  auto database = open(options, dir, {});
  if (!database) return std::unexpected(std::move(database.error()));
  return put_ledger_record(*database, record);
}

}  // namespace

Result<void> sync_entries(const std::filesystem::path& dir, rocksdb::Env* env) {
  std::unique_ptr<rocksdb::Directory> directory;
  rocksdb::Status synced = env->NewDirectory(dir.string(), &directory);
  if (synced.ok()) synced = directory->Fsync();
  if (!synced.ok()) return std::unexpected(fault_of(synced, "syncing " + dir.string()));
  return {};
}

Result<void> create_log_database(const std::filesystem::path& dir, const LedgerRecord& record,
                                 rocksdb::Env* env) {
  std::filesystem::path unfinished = dir;
  unfinished += ".new";
  std::error_code error;
  std::filesystem::remove_all(unfinished, error);
  if (error) return std::unexpected(io_fault("removing", unfinished, error));
  if (auto written = write_ledger_record(unfinished, record, env); !written) return written;
  const rocksdb::Status made = env->RenameFile(unfinished.string(), dir.string());
  if (!made.ok()) return std::unexpected(fault_of(made, "making " + dir.string()));
  return sync_entries(dir.parent_path(), env);
}

Result<LogDatabase> open_log_database_read_only(const std::filesystem::path& dir, DamagedRecords damaged,
                                                rocksdb::Env* env) {
  if (auto checked = check_tables(dir); !checked) return std::unexpected(std::move(checked.error()));
  if (auto checked = check_write_ahead_files(dir); !checked)
    return std::unexpected(std::move(checked.error()));
  if (auto checked = check_families(dir, env); !checked) return std::unexpected(std::move(checked.error()));
  rocksdb::DBOptions options = database_options(env);
  options.wal_recovery_mode = recovery_mode(damaged);
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const rocksdb::Status opened =
      rocksdb::DB::OpenForReadOnly(options, dir.string(), families({}), &handles, &db);
  if (!opened.ok()) return std::unexpected(fault_of(opened, "reading the log in " + dir.string()));
  return adopt(db, handles);
}

Result<LogDatabase> open_log_database(const std::filesystem::path& dir, const LogDatabaseOptions& options,
                                      DamagedRecords damaged) {
  rocksdb::DBOptions database = database_options(options.env);
  database.wal_recovery_mode = recovery_mode(damaged);
  return open(database, dir, options);
}

Result<LedgerRecord> read_ledger_record(const LogDatabase& database) {
  std::string bytes;
  const rocksdb::Status status =
      database.db->Get(rocksdb::ReadOptions(), database.ledger.get(), kLedgerKey, &bytes);
  if (status.IsNotFound()) return std::unexpected(corruption({}, "the ledger record is missing"));
  if (!status.ok()) return std::unexpected(fault_of(status, "reading the ledger record"));
  return decode_ledger_record(bytes);
}

Result<void> raise_epoch(const std::filesystem::path& dir, Epoch from, Epoch to, rocksdb::Env* env) {
  auto database = open_log_database(dir, {.block_cache = nullptr, .env = env});
  if (!database) return std::unexpected(std::move(database.error()));
  auto record = read_ledger_record(*database);
  if (!record) return std::unexpected(std::move(record.error()));
  if (record->epoch != from) {
    return std::unexpected(corruption({}, "the log is in epoch " + std::to_string(record->epoch.value()) +
                                              ", not in epoch " + std::to_string(from.value())));
  }
  if (to <= record->epoch) {
    return std::unexpected(Fault{FaultKind::io,
                                 "the log is in epoch " + std::to_string(record->epoch.value()) +
                                     " already: the next one must be higher",
                                 {}});
  }
  record->epoch = to;
  return put_ledger_record(*database, *record);
}

}  // namespace stockfold
