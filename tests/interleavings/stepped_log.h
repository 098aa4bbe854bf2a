// A log whose append is two steps, with barriers before them; a crash may happen in between.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "interleavings/scheduler.h"
#include "storage/log/event_log.h"
#include "storage/log/memory_log.h"

namespace stockfold {

using Commits = std::vector<std::shared_ptr<const Commit>>;

/// The safety measure that is removed, to check that its absence is detected.
enum class Without : std::uint8_t {
  nothing,
  condition,   ///< The log appends wherever it ends.
  sync,        ///< It answers once it has written.
  receipts,    ///< Outcomes of command ids are not looked up in the views.
  precedence,  ///< The expected version is checked before the command id.
};

/// What a crash would find.
struct Disk {
  Commits synced;
  std::shared_ptr<const Commit> unsynced;  ///< Written; a crash may keep it or lose it. Null: there is none.
};

/// The fibres that use it run one at a time.
class SteppedLog final : public EventLog {
 public:
  using Barrier = std::function<void(Step)>;

  /// Holds the commits, synced. `barrier` is called before every step that others can see.
  SteppedLog(const Commits& commits, Without without, Barrier barrier);

  [[nodiscard]] Head head() const override { return log_.head(); }
  [[nodiscard]] UnixMillis created() const override { return log_.created(); }
  AppendResult append(GlobalPosition expected, Commit commit) override;
  [[nodiscard]] std::unique_ptr<LogCursor> read(GlobalPosition from) const override;

  /// The same log without barriers.
  [[nodiscard]] const EventLog& at_once() const { return log_; }
  /// An append waits for the sync under way.
  [[nodiscard]] bool busy() const { return disk_.unsynced != nullptr && without_ != Without::sync; }
  /// Position of the last event that others can see.
  [[nodiscard]] std::uint64_t end() const { return log_.head().position.value(); }
  [[nodiscard]] const Disk& disk() const { return disk_; }
  /// What the latest append did, in words.
  [[nodiscard]] const std::string& deed() const { return deed_; }

 private:
  void settle();

  const Without without_;
  const Barrier barrier_;
  MemoryLog log_;
  Disk disk_;
  std::string deed_;
};

}  // namespace stockfold
