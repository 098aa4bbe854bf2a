// What one append writes to the log, and the end of the log after it.
#pragma once

#include <vector>

#include "core/event.h"
#include "core/ids.h"
#include "core/numbers.h"

namespace stockfold {

/// What one append writes: one or more events, all or nothing.
struct Commit {
  Epoch epoch;
  UnixMillis time;
  CommitHash previous;  ///< Of the previous commit; for the first commit, of the ledger's genesis.
  CommitHash hash;      ///< Of this commit.
  std::vector<RecordedEvent> events;

  [[nodiscard]] GlobalPosition first() const { return events.front().position; }
  [[nodiscard]] GlobalPosition last() const { return events.back().position; }
};

/// The end of the log. Its hash names everything before it.
struct Head {
  LedgerId ledger;
  Epoch epoch;
  GlobalPosition position;
  CommitHash hash;
  UnixMillis time;  ///< Of the last commit; 0 if there is none.
  friend bool operator==(const Head&, const Head&) = default;
};

}  // namespace stockfold
