// Opens the views of a ledger, and chooses which of them the ledger waits for.
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

/// How far the views are on their way to the head, while a server opens.
using CatchUpProgress = std::function<void(GlobalPosition at, GlobalPosition head)>;

struct OpenedViews {
  CatchUp catch_up;                     ///< Follows all other views; they are at the head.
  std::vector<const Projection*> late;  ///< To be built while the ledger serves.
};

/// Brings views to the head of the log, rebuilding those whose rows cannot be used. These are all views that
/// gate commands, and others that trail the log by at most `catch_up_first` events. Logs what is rebuilt, now
/// or later.
Result<OpenedViews> open_views(const EventLog& log, ViewStore& views, std::uint64_t catch_up_first,
                               const CatchUpProgress& progress);

/// Logs that rebuilt views are ready.
void log_ready(const std::vector<const Projection*>& built, GlobalPosition at, double seconds);

}  // namespace stockfold
