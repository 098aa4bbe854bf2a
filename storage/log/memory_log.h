// The log in memory: for tests, and the measure of what a log is.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "storage/log/event_log.h"

namespace stockfold {

/// Keeps encoded records, so that what is read went through the same codec as on disk. Lost with the process.
class MemoryLog final : public EventLog {
 public:
  explicit MemoryLog(LedgerId ledger, Epoch epoch = Epoch(1), UnixMillis created = UnixMillis(0));

  [[nodiscard]] Head head() const override;
  [[nodiscard]] UnixMillis created() const override { return created_; }
  AppendResult append(GlobalPosition expected, Commit commit) override;
  [[nodiscard]] std::unique_ptr<LogCursor> read(GlobalPosition from) const override;

  /// The next append answers Unknown and is not kept, as after a failed sync. For tests.
  void fail_next_sync();

 private:
  class Cursor;
  struct Record {
    GlobalPosition first;
    std::string bytes;
  };

  /// Empty where the log does not reach so far.
  [[nodiscard]] std::optional<Record> record_with(GlobalPosition position) const;

  const UnixMillis created_;
  mutable std::mutex mutex_;
  Head head_;
  std::vector<Record> records_;
  bool fail_next_sync_ = false;
  bool stopped_ = false;
};

}  // namespace stockfold
