// Rebuilds views from the log, compares them with those in use, and replaces those.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/fault.h"
#include "projections/following/compare_views.h"
#include "projections/following/rebuilt_view.h"
#include "projections/projection.h"
#include "storage/log/event_log.h"
#include "storage/views/view_store.h"

namespace stockfold {

/// How far a rebuild has come.
using RebuildProgress = std::function<void(GlobalPosition at, GlobalPosition head)>;

struct RebuildOptions {
  std::size_t threads = 2;  ///< Threads that fold, at most; as many more read the log ahead of them.
  /// Large, because a row that changes often is written once a batch; each event takes some 400 bytes of
  /// memory.
  std::size_t events_a_batch = 262'144;
  RebuildProgress progress;  ///< Called on the caller's thread from time to time; may be empty.
};

/// Builds a shadow of each projection's view by the same folds that keep the view, compares both at the head
/// of the log, and replaces the view by the shadow, whatever the comparison found. Nothing else may append to
/// the log or write the views. After a fault or a crash each view is as it was, or rebuilt. A log that cannot
/// be folded is a fault, and leaves every view as it was.
Result<std::vector<RebuiltView>> rebuild(const EventLog& log, ViewStore& views,
                                         std::span<const Projection* const> projections,
                                         const RebuildOptions& options);

/// The report of a view that was compared with its shadow.
[[nodiscard]] RebuiltView rebuilt_view(std::string view, GlobalPosition position, Comparison comparison);

}  // namespace stockfold
