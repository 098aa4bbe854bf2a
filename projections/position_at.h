// Where the log ended at a time.
#pragma once

#include "core/fault.h"
#include "core/numbers.h"
#include "storage/log/event_log.h"

namespace stockfold {

/// The end of the last commit whose time is not after `time`, of those up to `head`, which is the end of a
/// commit; 0 where there is none. Commit times never descend, so it reads some log2(head) commits. Any
/// thread.
Result<GlobalPosition> position_at(const EventLog& log, UnixMillis time, GlobalPosition head);

}  // namespace stockfold
