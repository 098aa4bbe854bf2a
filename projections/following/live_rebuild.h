// A view built anew while it is in use and followed.
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

/// Puts the shadow in the place of its view, the two being level.
using TakePlace = std::function<Result<void>()>;

struct LiveRebuildOptions {
  std::size_t events_a_batch = 16'384;
  /// The follower takes the shadow over when it trails the head by no more than this. It folds so many events
  /// for the shadow alone: little beside what the views may trail before commands are refused.
  std::uint64_t near_events = 20'000;
  RebuildProgress progress;  ///< Called on the caller's thread; may be empty.
  /// Called on the caller's thread where the view differed, for somebody may hold what he read of it. Calls
  /// what it is given once, at an instant when nobody appends, and returns what that does; after it, all that
  /// was read of the views is to be forgotten. The views then hold all that the log does.
  std::function<Result<void>(const TakePlace&)> between_commits;
};

/// Builds a shadow on the caller's thread to near the head, hands it to the follower, which brings it and the
/// view level, compares both there, and puts the shadow in the view's place. Commands and reads go on. Empty
/// where it was stopped. After a stop or a fault the view is as it was, or rebuilt. The view is one that the
/// follower follows; its shadow is nobody else's business.
Result<std::optional<RebuiltView>> rebuild_live(const EventLog& log, ViewStore& views, Follower& follower,
                                                const Projection& projection,
                                                const LiveRebuildOptions& options,
                                                const std::stop_token& stop);

}  // namespace stockfold
