// Backups of a ledger's log in a directory, made one after the other. They share the files that did not
// change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "core/fault.h"
#include "storage/engine/backup_record.h"
#include "storage/engine/new_store.h"
#include "storage/engine/store.h"
#include "storage/log/event_log.h"

namespace stockfold {

/// 1, 2, 3 … in the order in which backups were made. The number of a removed backup may come again if it was
/// the last.
using BackupNumber = std::uint32_t;

struct Backup {
  BackupNumber number = 0;
  BackupRecord record;
  std::uint64_t bytes = 0;  ///< Of its files, including those that it shares with other backups.
};

/// A backup as listed in the directory, or the fault in its metadata. Its files have not been verified.
struct ListedBackup {
  BackupNumber number = 0;
  Result<Backup> backup;
};

/// The finished backups in a directory. One thread.
class Backups {
 public:
  virtual ~Backups() = default;

  /// Oldest first.
  [[nodiscard]] virtual std::vector<ListedBackup> list() const = 0;

  /// Compares every file of a backup with its size and checksum, and opens the log in it, where it lies. A
  /// fault of kind corruption names the file. The head of the log is that of the backup's record. This must
  /// outlive it.
  [[nodiscard]] virtual Result<std::unique_ptr<const EventLog>> open(BackupNumber number) const = 0;

  /// Begins a store for `dir`, as StorageEngine::make() does, with the log of a backup. The new store is
  /// another life of its ledger, `epoch`; an epoch that is not beyond the backup's is an io fault. Every byte
  /// is compared with its checksum on the way.
  [[nodiscard]] virtual Result<std::unique_ptr<NewStore>> restore(BackupNumber number,
                                                                  const std::filesystem::path& dir,
                                                                  const StoreOptions& options,
                                                                  Epoch epoch) const = 0;
};

/// A backup in the making. Unless keep() was called, nothing is left of it at its end.
class NewBackup {
 public:
  virtual ~NewBackup() = default;
  [[nodiscard]] virtual const Backup& backup() const = 0;
  /// By how much the directory has grown: files that no earlier backup had, and the metadata.
  [[nodiscard]] virtual std::uint64_t new_bytes() const = 0;
  /// From now on it is one of the backups, durably. Once.
  virtual Result<void> keep() = 0;
};

/// Called from time to time with how many bytes were copied, on another thread, while the caller waits. If it
/// returns false, the backup is stopped and removed.
using BytesCopied = std::function<bool(std::uint64_t bytes)>;

/// The backups in a directory that this process alone may change.
class WritableBackups : public Backups {
 public:
  /// What add() may take of the disk at most: what no backup has yet of the log in `data`, and what it needs
  /// while it copies.
  [[nodiscard]] virtual Result<std::uint64_t> most_new_bytes(const std::filesystem::path& data) const = 0;

  /// Copies the log of the store in `data`, which `store` has open, up to its head, if no backup has it yet.
  /// Nothing in `data` changes. The log of another ledger, or one that does not continue the newest backup,
  /// is an io fault with the reason. One at a time; this must outlive it.
  virtual Result<std::unique_ptr<NewBackup>> add(const ReadOnlyStore& store,
                                                 const std::filesystem::path& data,
                                                 const BytesCopied& copied) = 0;

  /// Removes the oldest backups until `count` are left, which is at least 1. Returns how many it removed.
  virtual Result<std::size_t> keep_newest(std::size_t count) = 0;
};

}  // namespace stockfold
