// A place in the log that a view holds rows up to. It witnesses the log: what it names was there.
#pragma once

#include <cstdint>

#include "core/ids.h"
#include "core/numbers.h"

namespace stockfold {

/// What the rows of a view are the fold of. A view that was never written has a default-made one.
struct ViewCheckpoint {
  std::uint32_t version = 0;  ///< Of the projection that wrote the rows.
  LedgerId ledger;
  Epoch epoch;
  GlobalPosition position;  ///< The last event folded in; always the last of a commit.
  CommitHash hash;          ///< Of that commit.
  friend bool operator==(const ViewCheckpoint&, const ViewCheckpoint&) = default;
};

}  // namespace stockfold
