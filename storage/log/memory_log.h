// The log in memory: the smallest engine of the port, and the measure of what a log is.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "storage/log/event_log.h"

namespace stockfold {

/// Keeps encoded records, so what is read went through the same codec as on disk. An append never fails. The
/// log is lost with the process.
class MemoryLog final : public EventLog {
 public:
  explicit MemoryLog(LedgerId ledger, Epoch epoch = Epoch(1), UnixMillis created = UnixMillis(0));

  [[nodiscard]] Head head() const override;
  [[nodiscard]] UnixMillis created() const override { return created_; }
  AppendResult append(GlobalPosition expected, Commit commit) override;
  [[nodiscard]] std::unique_ptr<LogCursor> read(GlobalPosition from) const override;

 private:
  class Cursor;
  struct Record {
    GlobalPosition first;
    std::string bytes;
  };

  /// Empty if the log ends before `position`.
  [[nodiscard]] std::optional<Record> record_with(GlobalPosition position) const;

  const UnixMillis created_;
  mutable std::mutex mutex_;
  Head head_;
  std::vector<Record> records_;
};

}  // namespace stockfold
