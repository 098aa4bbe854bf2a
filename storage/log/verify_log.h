// Proves that the log still is what its witnesses saw.
#pragma once

#include <map>
#include <string>

#include "core/fault.h"
#include "core/numbers.h"
#include "storage/log/event_log.h"
#include "storage/log/view_checkpoint.h"

namespace stockfold {

/// Reads the log from the commit that holds `from` to its head: every record must be whole, every link of the
/// chain closed, and every checkpoint on the way must name the commit that it was made of. A checkpoint
/// beyond the head says that the log has lost what is between. Checkpoints of another ledger or epoch say
/// nothing.
Result<void> verify_log(const EventLog& log, GlobalPosition from,
                        const std::map<std::string, ViewCheckpoint>& witnesses);

}  // namespace stockfold
