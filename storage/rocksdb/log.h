// The log in RocksDB: one row a commit, synced one by one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

#include "storage/log/event_log.h"
#include "storage/log/recent_commits.h"
#include "storage/log/seal.h"
#include "storage/rocksdb/figures.h"
#include "storage/rocksdb/log_database.h"

namespace stockfold {

/// No other process writes the database (the store's lock sees to that), so that the head is what this one
/// remembers.
class RocksDbLog final : public EventLog {
 public:
  /// For `recent_bytes` see RecentCommits. If the database was opened read-only, nothing may be appended.
  static Result<std::unique_ptr<RocksDbLog>> open(LogDatabase database, std::size_t recent_bytes);

  [[nodiscard]] Head head() const override;
  [[nodiscard]] UnixMillis created() const override { return created_; }
  AppendResult append(GlobalPosition expected, Commit commit) override;
  [[nodiscard]] std::unique_ptr<LogCursor> read(GlobalPosition from) const override;

  /// Writes the next commit of another copy of this log, with the epoch that it has, which is none to come.
  /// Durable only after sync(). By the thread that appends.
  AppendResult restore(Commit commit);
  [[nodiscard]] Result<void> sync() const;

  /// Any thread.
  [[nodiscard]] DatabaseFigures figures() const;

  /// Of the database: see checkpoint_database().
  [[nodiscard]] Result<void> checkpoint(const std::filesystem::path& dir) const;

 private:
  class Cursor;
  enum class Durable : std::uint8_t { now, later };

  RocksDbLog(LogDatabase database, std::size_t recent_bytes, const Head& head, UnixMillis created);
  AppendResult put(SealedCommit sealed, Durable durable);

  LogDatabase database_;
  const UnixMillis created_;
  RecentCommits recent_;
  mutable std::mutex mutex_;
  Head head_;                     // behind mutex_
  std::optional<Fault> stopped_;  // the appending thread's alone
};

}  // namespace stockfold
