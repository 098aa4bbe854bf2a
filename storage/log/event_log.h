// The port of the log: what a ledger needs from the engine that keeps its events.
//
// An engine implements EventLog and LogCursor. Their verbs are head(), created(), append(), read() and
// next().
//
// The rules. tests/storage/log/event_log_contract_test.cc tests 1, 2, 4, 6 and the first half of 5 for every
// engine. Each engine tests power cuts, reopening and damage itself.
//
//  1. A log is a chain of commits. A commit is appended whole or not at all. Positions count on without gaps.
//  2. append() is conditional. If the log does not end at the expected position any more, nothing is written
//     and the result is Moved, with the end that the log has.
//  3. append() returns Appended only when a power cut can no longer take the commit back: on a disk, after
//     the sync; in a replicated log, after the quorum has it. Only then head() moves and cursors see the
//     commit.
//  4. Unknown means that the commit may be in the log or not: the sync failed, or the connection died. The
//     ledger then answers `outcome_unknown`, never a refusal.
//  5. After Unknown the log writes nothing more: each later append is Stopped. The next open settles it: read
//     from the expected position, and the commit's hash is there or it is not.
//  6. An engine seals a commit with seal() (storage/log/seal.h) and stores the record that it returns. So a
//     log has the same hashes on every engine.
//  7. A cursor returns verified commits: checksum (decode_commit()), chain and positions (CommitChain). A
//     damaged commit is a fault of kind corruption that names its position. It is never skipped.
//
// Threads: one thread appends at a time. Any thread may call the other members of EventLog meanwhile. A
// cursor belongs to one thread.
// An append may take milliseconds; the engine calls nothing back meanwhile.
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
/// The commit may be in the log or not. The log takes no more appends.
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

  /// Returns the next commit, verified. Null at the end of the log; a later call then returns what was
  /// appended since.
  virtual Result<std::shared_ptr<const Commit>> next() = 0;
};

class EventLog {
 public:
  virtual ~EventLog() = default;

  /// The end of the log. Moves on only when a commit is on disk. Any thread.
  [[nodiscard]] virtual Head head() const = 0;

  /// When the ledger was made. Any thread.
  [[nodiscard]] virtual UnixMillis created() const = 0;

  /// Appends `commit` if the log still ends at `expected`, and returns when it is synced. One thread at a
  /// time. The caller sets the commit's time and its events: their positions count on from `expected`, their
  /// times are the commit's. The log fills in epoch and hashes.
  virtual AppendResult append(GlobalPosition expected, Commit commit) = 0;

  /// Starts a cursor at the commit that holds `from`; beyond the end, at the commit that will hold it. Any
  /// thread.
  [[nodiscard]] virtual std::unique_ptr<LogCursor> read(GlobalPosition from) const = 0;
};

}  // namespace stockfold
