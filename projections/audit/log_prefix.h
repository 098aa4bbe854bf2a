// A log as it was at an earlier end.
#pragma once

#include <memory>

#include "storage/log/event_log.h"

namespace stockfold {

/// Reads end at `end`; nothing can be appended. The log must outlive it. Any thread.
class LogPrefix final : public EventLog {
 public:
  /// `end`: the head that the log had then, so it is the end of a commit.
  LogPrefix(const EventLog& log, const Head& end) : log_(log), end_(end) {}

  [[nodiscard]] Head head() const override { return end_; }
  [[nodiscard]] UnixMillis created() const override { return log_.created(); }
  AppendResult append(GlobalPosition /*expected*/, Commit /*commit*/) override {
    return Stopped{{FaultKind::io, "the past cannot be appended to", end_.position}};
  }
  [[nodiscard]] std::unique_ptr<LogCursor> read(GlobalPosition from) const override {
    return std::make_unique<Cursor>(log_.read(from), end_.position);
  }

 private:
  class Cursor final : public LogCursor {
   public:
    Cursor(std::unique_ptr<LogCursor> cursor, GlobalPosition end) : cursor_(std::move(cursor)), end_(end) {}
    Result<std::shared_ptr<const Commit>> next() override {
      if (reached_ == end_) return nullptr;
      auto commit = cursor_->next();
      if (commit && *commit != nullptr) reached_ = (*commit)->last();
      return commit;
    }

   private:
    std::unique_ptr<LogCursor> cursor_;
    GlobalPosition end_;
    GlobalPosition reached_;
  };

  const EventLog& log_;
  Head end_;
};

}  // namespace stockfold
