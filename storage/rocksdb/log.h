// The log in RocksDB: one row for each commit, one sync for each append.
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

/// The store's lock keeps other processes from writing the database, so the head is kept in memory.
class RocksDbLog final : public EventLog {
 public:
  /// For `recent_bytes` see RecentCommits. If the database was opened read-only, nothing may be appended.
  static Result<std::unique_ptr<RocksDbLog>> open(LogDatabase database, std::size_t recent_bytes);

  [[nodiscard]] Head head() const override;
  [[nodiscard]] UnixMillis created() const override { return created_; }
  AppendResult append(GlobalPosition expected, Commit commit) override;
  [[nodiscard]] std::unique_ptr<LogCursor> read(GlobalPosition from) const override;

  /// Writes the next commit of another copy of this log, with its own epoch, which is at most that of this
  /// log. Durable only after sync(). Called by the thread that appends.
  AppendResult restore(Commit commit);
  [[nodiscard]] Result<void> sync() const;

  /// Any thread.
  [[nodiscard]] DatabaseFigures figures() const;

  /// See checkpoint_database().
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
  Head head_;                     // guarded by mutex_
  std::optional<Fault> stopped_;  // only the appending thread uses it
};

}  // namespace stockfold
