// The port of a storage engine: everything that knows how a ledger's bytes are kept.
//
// A second engine implements these interfaces:
//
//   StorageEngine   this file                 opens, makes, backs up and repairs stores
//   Store           storage/engine/store.h    an open store: its log, its views, its files
//   EventLog        storage/log/event_log.h   head(), created(), append(), read(); LogCursor: next()
//   ViewStore       storage/views/view_store.h   rows of views, each with its checkpoint: View, ViewSnapshot
//   StoreFiles      storage/engine/store.h    figures() and checkpoint()
//   ReadOnlyStore, NewStore, Backups, WritableBackups   the same store for offline work
//
// The log is the part with the hard promises: its rules stand at the head of storage/log/event_log.h. Views
// are folds of the log. An engine may lose them, but what is left must be whole at some position. An engine
// may use parts of another one: one that keeps its log elsewhere can keep the views of the embedded engine.
//
// What every engine shares is in storage/log and is not written again: the record of a commit, sealing,
// the hash chain, verification. The tests of the ports take an engine, a log or a store of views as a
// parameter: tests/storage/engine/engine_contract_test.cc, tests/storage/log/event_log_contract_test.cc and
// tests/storage/views/view_store_contract_test.cc.
//
// Threads: a StorageEngine has no state, so any thread may call it. Each interface names its own threads.
//
// Errors: a verb returns a Fault (core/fault.h) and never throws. Its kind decides what the program does:
//   corruption     what is stored is not what was written. The store is not opened and not changed; exit 5.
//   io             the disk or the network refused. The caller may try again later.
//   busy           another process has the store open.
//   newer_format   a later version of the program wrote it.
// Only append() can end without knowing what happened; that outcome is Unknown, see event_log.h.
//
// The program chooses its engine in one place, tools/commands/storage_engine.cc. Everything else is given a
// StorageEngine, or a part of a store, and includes no header of an engine.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/fault.h"
#include "storage/engine/backups.h"
#include "storage/engine/new_store.h"
#include "storage/engine/store.h"
#include "storage/log/ledger_record.h"
#include "storage/views/view_store.h"

namespace stockfold {

/// What an engine opens does not need the engine any more.
class StorageEngine {
 public:
  virtual ~StorageEngine() = default;

  /// Opens the store in `dir`. First it reads the store without writing a byte, and rejects:
  ///  - a store that another process has open: busy;
  ///  - a store of a later version: newer_format;
  ///  - a damaged or missing record at or below a witness (a later commit, the durable checkpoint of a view):
  ///    corruption, with the position.
  /// A damaged last record that nothing witnesses was never acknowledged. It is cut, and torn_tail() reports
  /// it. Verified are the records from the lowest durable checkpoint of a view that is not late, and the
  /// chain between them.
  [[nodiscard]] virtual Result<std::unique_ptr<Store>> open(const std::filesystem::path& dir,
                                                            const StoreOptions& options) const = 0;

  /// Opens the store in `dir` to read its log from the first event. No byte changes. Several processes may do
  /// so at the same time; while one has the store open to write: busy, and the other way round. Faults are
  /// those of open(), but only the last record is verified here. The others are verified when they are read.
  [[nodiscard]] virtual Result<std::unique_ptr<ReadOnlyStore>> open_read_only(
      const std::filesystem::path& dir) const = 0;

  /// Begins a store for `dir`, which must be missing or empty; lost+found is allowed. Removes what an earlier
  /// unfinished one left there. While another process makes one for the same place: busy.
  [[nodiscard]] virtual Result<std::unique_ptr<NewStore>> make(const std::filesystem::path& dir,
                                                               const LedgerRecord& ledger,
                                                               const StoreOptions& options) const = 0;

  /// Opens the directory of backups `dir`; makes it where it is missing. Removes what a killed process left
  /// unfinished. While any other process has it open: busy.
  [[nodiscard]] virtual Result<std::unique_ptr<WritableBackups>> open_backups(
      const std::filesystem::path& dir) const = 0;

  /// The same to read: nothing in `dir` changes. A directory without backups is an io fault; while another
  /// process changes it: busy.
  [[nodiscard]] virtual Result<std::unique_ptr<Backups>> open_backups_read_only(
      const std::filesystem::path& dir) const = 0;

  /// Opens views that belong to no store, such as those of a fold that others are compared with. Makes them
  /// where there are none.
  [[nodiscard]] virtual Result<std::unique_ptr<ViewStore>> open_views(
      const std::filesystem::path& dir, const std::vector<std::string>& names) const = 0;

  /// If the views of the store in `dir` are damaged, moves them to views.damaged, in place of earlier ones.
  /// The next start folds them from the log. Returns whether it moved them. Does not read the log. While
  /// another process has the store open: busy.
  [[nodiscard]] virtual Result<bool> set_damaged_views_aside(const std::filesystem::path& dir) const = 0;
};

}  // namespace stockfold
