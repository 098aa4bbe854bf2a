// Backups of a ledger's log in a directory: made one after the other, of tables that they share.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/fault.h"
#include "storage/engine/backup_record.h"
#include "storage/engine/new_store.h"
#include "storage/engine/store.h"
#include "storage/log/event_log.h"

namespace stockfold {

/// 1, 2, 3 … in the order in which backups were made; that of one that was removed may come again if it was
/// the last.
using BackupNumber = std::uint32_t;

struct Backup {
  BackupNumber number = 0;
  BackupRecord record;
  std::uint64_t bytes = 0;  ///< Of its files, those that it shares with other backups included.
};

/// A backup as it lies there, or what is wrong with what says of it. That its files are whole is not known.
struct ListedBackup {
  BackupNumber number = 0;
  Result<Backup> backup;
};

/// The backups in a directory. One thread. Unfinished ones, of a process that was killed, are not among them.
class Backups {
 public:
  virtual ~Backups() = default;

  /// Oldest first.
  [[nodiscard]] virtual std::vector<ListedBackup> list() const = 0;

  /// Holds every file of a backup against its size and checksum, and opens the log that they are, where they
  /// lie. A fault of kind corruption names the file. Its head is that of the backup's record. This must
  /// outlive it.
  [[nodiscard]] virtual Result<std::unique_ptr<const EventLog>> open(BackupNumber number) const = 0;

  /// Begins a store for `dir`, as make_store() does, with the log of a backup, in another life of its ledger:
  /// `epoch`; one that is not beyond the backup's is an io fault. Every byte is held against its checksum on
  /// the way.
  [[nodiscard]] virtual Result<std::unique_ptr<NewStore>> restore(BackupNumber number,
                                                                  const std::filesystem::path& dir,
                                                                  const StoreOptions& options,
                                                                  Epoch epoch) const = 0;
};

/// A backup in the making. At its end nothing is left of it unless keep() was called.
class NewBackup {
 public:
  virtual ~NewBackup() = default;
  [[nodiscard]] virtual const Backup& backup() const = 0;
  /// By which the directory has grown: what no backup before it had, and what says what it is made of.
  [[nodiscard]] virtual std::uint64_t new_bytes() const = 0;
  /// From now on it is one of the backups, durably. Once.
  virtual Result<void> keep() = 0;
};

/// Called now and then with how many bytes were copied, on another thread, while the caller waits. Whether to
/// go on: otherwise nothing is left of the backup.
using BytesCopied = std::function<bool(std::uint64_t bytes)>;

/// The same by the one process that may change them.
class BackupsToChange : public Backups {
 public:
  /// What add() may take of the disk at most: what no backup has of the log in `data`, and what it makes
  /// meanwhile.
  [[nodiscard]] virtual Result<std::uint64_t> most_new_bytes(const std::filesystem::path& data) const = 0;

  /// Copies the log of the store in `data` that `store` has open, up to its head, as far as no backup has it.
  /// Nothing in `data` changes. Another ledger's log than that of the backups, or one that does not continue
  /// the newest of them, is an io fault that says so. One at a time; this must outlive it.
  virtual Result<std::unique_ptr<NewBackup>> add(const StoreToRead& store, const std::filesystem::path& data,
                                                 const BytesCopied& copied) = 0;

  /// Removes the oldest, as far as there are more than `count`, which is at least 1. Says how many.
  virtual Result<std::size_t> keep_newest(std::size_t count) = 0;
};

/// Opens the directory `dir`, made where it is not there, and removes what a process that was killed has left
/// unfinished. While any other process has it open: busy.
Result<std::unique_ptr<BackupsToChange>> open_backups(const std::filesystem::path& dir);

/// The same to look: nothing in `dir` changes. A directory without backups is an io fault; while another
/// process changes it: busy.
Result<std::unique_ptr<Backups>> open_backups_to_read(const std::filesystem::path& dir);

}  // namespace stockfold
