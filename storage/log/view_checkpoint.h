// The place in the log up to which a view has folded. It is a witness: the commit that it names was there.
#pragma once

#include <cstdint>

#include "core/ids.h"
#include "core/numbers.h"

namespace stockfold {

/// Which events the rows of a view are the fold of. A view that was never written has a default one.
struct ViewCheckpoint {
  std::uint32_t version = 0;  ///< Of the projection that wrote the rows.
  LedgerId ledger;
  Epoch epoch;
  GlobalPosition position;  ///< The last event folded in; always the last of a commit.
  CommitHash hash;          ///< Of that commit.
  friend bool operator==(const ViewCheckpoint&, const ViewCheckpoint&) = default;
};

}  // namespace stockfold
