// A log in memory whose sync can fail.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "storage/log/memory_log.h"

namespace stockfold {

/// As MemoryLog, but the test decides when a sync fails: that append is Unknown and not kept, and every later
/// one is Stopped.
class FailingLog final : public EventLog {
 public:
  explicit FailingLog(LedgerId ledger, Epoch epoch = Epoch(1)) : log_(ledger, epoch) {}

  /// The next append is Unknown.
  void fail_next_sync() { fail_next_sync_ = true; }

  [[nodiscard]] Head head() const override { return log_.head(); }
  [[nodiscard]] UnixMillis created() const override { return log_.created(); }
  AppendResult append(GlobalPosition expected, Commit commit) override {
    const Head head = log_.head();
    if (stopped_) return Stopped{*stopped_};
    if (!fail_next_sync_ || head.position != expected) return log_.append(expected, std::move(commit));
    stopped_ = Fault{FaultKind::io, "the sync failed", head.position};
    return Unknown{*stopped_};
  }
  [[nodiscard]] std::unique_ptr<LogCursor> read(GlobalPosition from) const override {
    return log_.read(from);
  }

 private:
  MemoryLog log_;
  bool fail_next_sync_ = false;
  std::optional<Fault> stopped_;
};

}  // namespace stockfold
