// The port to the log: what a ledger needs from the thing that keeps its events.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <variant>

#include "core/commit.h"
#include "core/fault.h"
#include "core/numbers.h"

namespace stockfold {

/// What an append took.
struct AppendFigures {
  std::uint64_t bytes = 0;            ///< Of the record.
  std::chrono::nanoseconds write{0};  ///< From the call to the answer, without the wait for the disk.
  std::chrono::nanoseconds sync{0};   ///< The wait for the disk.
};

/// The commit is on disk.
struct Appended {
  Head head;
  AppendFigures figures;
};
/// Nothing was written: the log does not end at the expected position any more.
struct Moved {
  Head head;
};
/// Nobody can say whether it was written: the sync failed, or a connection died. The log takes no more
/// appends.
struct Unknown {
  Fault fault;
};
/// Nothing was written: the log stopped taking appends before.
struct Stopped {
  Fault fault;
};
using AppendResult = std::variant<Appended, Moved, Unknown, Stopped>;

/// Reads commits in order. One thread; the log must outlive it.
class LogCursor {
 public:
  virtual ~LogCursor() = default;

  /// The next commit, verified: checksum, hash chain from one commit to the next, gapless positions. Null at
  /// the end of the log; a later call then sees what was appended since.
  virtual Result<std::shared_ptr<const Commit>> next() = 0;
};

class EventLog {
 public:
  virtual ~EventLog() = default;

  /// Any thread. Moves on only when a commit is on disk.
  [[nodiscard]] virtual Head head() const = 0;

  /// When the ledger was made. Any thread.
  [[nodiscard]] virtual UnixMillis created() const = 0;

  /// Writes `commit` if the log still ends at `expected`, and returns when it is synced. One thread at a
  /// time. The caller gives the time and the events, whose positions count on from `expected` and whose times
  /// are the commit's; the log fills in epoch and hashes. After Unknown, or Stopped, every append is Stopped.
  virtual AppendResult append(GlobalPosition expected, Commit commit) = 0;

  /// Starts at the commit that holds `from`, or would hold it were it there. Any thread.
  [[nodiscard]] virtual std::unique_ptr<LogCursor> read(GlobalPosition from) const = 0;
};

}  // namespace stockfold
