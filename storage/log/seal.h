// Sealing: what makes a commit the next link of a log. Every engine seals its commits here, so a log has the
// same bytes and hashes whatever engine keeps it.
#pragma once

#include <string>

#include "core/commit.h"

namespace stockfold {

/// A commit that is ready to be written.
struct SealedCommit {
  Commit commit;       ///< Its epoch, the hash of the commit before, and its own hash are set.
  std::string record;  ///< Its bytes, as docs/DATA_FORMAT.md describes them.
  Head head;           ///< The end of the log once the record is in it.
};

/// Seals the commit that follows `head`, in the epoch of `head`. The positions of its events count on from
/// `head`.
[[nodiscard]] SealedCommit seal(const Head& head, Commit commit);

/// Seals a commit that was read from another copy of the log. It keeps its epoch, which is at most that of
/// `head`.
[[nodiscard]] SealedCommit seal_copy(const Head& head, Commit commit);

}  // namespace stockfold
