// Views built anew from the log, held against those in use, and put in their place.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/fault.h"
#include "core/rebuilt_view.h"
#include "projections/following/compare_views.h"
#include "projections/projection.h"
#include "storage/log/event_log.h"
#include "storage/views/view_store.h"

namespace stockfold {

/// Where a rebuild is on its way through the log.
using RebuildProgress = std::function<void(GlobalPosition at, GlobalPosition head)>;

struct RebuildOptions {
  std::size_t threads = 2;  ///< That fold, at most; as many more read the log ahead of them.
  /// Many, for a row that changes often is written once a batch; each takes some 400 bytes of memory.
  std::size_t events_a_batch = 262'144;
  RebuildProgress progress;  ///< Called on the caller's thread every now and then; may be empty.
};

/// Builds a shadow of the view of each projection by the same folds that keep it, compares both at the head
/// of the log, and puts the shadow in the view's place, whatever was found. Nobody else may append to the log
/// or write the views. After a fault, or a crash, each view is as it was or rebuilt. A log that cannot be
/// folded is a fault, and leaves every view as it was.
Result<std::vector<RebuiltView>> rebuild(const EventLog& log, ViewStore& views,
                                         std::span<const Projection* const> projections,
                                         const RebuildOptions& options);

/// What becomes of a comparison of a view in use with its shadow.
[[nodiscard]] RebuiltView rebuilt_view(std::string view, GlobalPosition position, Comparison comparison);

}  // namespace stockfold
