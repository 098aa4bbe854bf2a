// The log of a ledger that lends its sockets while it appends.
#pragma once

#include <memory>
#include <utility>

#include "server/engine/stand_in.h"
#include "storage/log/event_log.h"

namespace stockfold {

/// Another log, to which the serving thread appends.
class LendingLog final : public EventLog {
 public:
  /// Both must outlive it.
  LendingLog(EventLog& log, StandIn& stand_in) : log_(log), stand_in_(stand_in) {}

  [[nodiscard]] Head head() const override { return log_.head(); }
  [[nodiscard]] UnixMillis created() const override { return log_.created(); }
  AppendResult append(GlobalPosition expected, Commit commit) override {
    return stand_in_.lend([&] { return log_.append(expected, std::move(commit)); });
  }
  [[nodiscard]] std::unique_ptr<LogCursor> read(GlobalPosition from) const override {
    return log_.read(from);
  }

 private:
  EventLog& log_;
  StandIn& stand_in_;
};

}  // namespace stockfold
