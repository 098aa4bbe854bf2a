// The position at which the log ended at a given time.
#pragma once

#include "core/fault.h"
#include "core/numbers.h"
#include "storage/log/event_log.h"

namespace stockfold {

/// The end of the last commit that is not after `time`, among the commits up to `head`; 0 if there is none.
/// `head` must be the end of a commit. Commit times never descend, so a binary search reads about log2(head)
/// commits. Any thread.
Result<GlobalPosition> position_at(const EventLog& log, UnixMillis time, GlobalPosition head);
/// The same among the positions from `known` to `head`: no event up to `known` is after `time`, and every
/// event beyond `head` is, if there is any.
Result<GlobalPosition> position_at(const EventLog& log, UnixMillis time, GlobalPosition head,
                                   GlobalPosition known);

}  // namespace stockfold
