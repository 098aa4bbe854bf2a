// The views of a ledger that opens: which of them it waits for.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/fault.h"
#include "projections/following/catch_up.h"
#include "projections/projection.h"
#include "storage/log/event_log.h"
#include "storage/views/view_store.h"

namespace stockfold {

/// Where the views are on their way to the head, while a server opens.
using CatchUpProgress = std::function<void(GlobalPosition at, GlobalPosition head)>;

struct OpenedViews {
  CatchUp catch_up;                     ///< Follows all others; they are at the head.
  std::vector<const Projection*> late;  ///< To be built while the ledger serves.
};

/// Brings views to the head of the log, from nothing where their rows cannot be carried on: all that gate
/// commands, and of the others those that trail the log by no more than `catch_up_first` events. What is
/// built anew, before or after, is logged.
Result<OpenedViews> open_views(const EventLog& log, ViewStore& views, std::uint64_t catch_up_first,
                               const CatchUpProgress& progress);

/// Logs that views that were built anew are ready.
void log_ready(const std::vector<const Projection*>& built, GlobalPosition at, double seconds);

}  // namespace stockfold
