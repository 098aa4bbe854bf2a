// Rebuilds a view while it is in use and followed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <utility>

#include "core/fault.h"
#include "projections/following/catch_up.h"
#include "projections/following/follower.h"
#include "projections/following/rebuild.h"
#include "storage/log/event_log.h"

namespace stockfold {

/// Replaces a view by its shadow, while both are level.
using ReplaceView = std::function<Result<void>()>;

struct LiveRebuildOptions {
  std::size_t events_a_batch = 16'384;
  /// The follower takes over the shadow once it trails the head by no more than this. It folds this many
  /// events for the shadow alone: little next to what the views may trail before commands are refused.
  std::uint64_t near_events = 20'000;
  RebuildProgress progress;  ///< Called on the caller's thread; may be empty.
  /// Called on the caller's thread if the view differed, because a caller may still hold what it read of the
  /// view. It calls its argument once, at an instant when no thread appends, and returns the result of that
  /// call. The views then hold all events of the log. Everything that was read of the views must then be
  /// forgotten.
  std::function<Result<void>(const ReplaceView&)> between_commits;
};

/// Builds a shadow on the caller's thread to near the head and hands it to the follower. The follower brings
/// it and the view level; both are compared there, and the shadow replaces the view. Commands and reads go
/// on. Empty if it was stopped. After a stop or a fault the view is as it was, or rebuilt. The follower must
/// follow the view, and nothing else may use the shadow.
Result<std::optional<RebuiltView>> rebuild_live(const EventLog& log, ViewStore& views, Follower& follower,
                                                const Projection& projection,
                                                const LiveRebuildOptions& options,
                                                const std::stop_token& stop);

}  // namespace stockfold
