// Proves that the log is what its witnesses saw.
#pragma once

#include <map>
#include <string>

#include "core/fault.h"
#include "core/numbers.h"
#include "storage/log/event_log.h"
#include "storage/log/view_checkpoint.h"

namespace stockfold {

/// Reads the log from the commit that holds `from` to its head. Every record must be undamaged and every link
/// of the chain closed. Every checkpoint on the way must name the commit that it was made from. A checkpoint
/// beyond the head proves that the log has lost commits. Checkpoints of another ledger or epoch are ignored.
Result<void> verify_log(const EventLog& log, GlobalPosition from,
                        const std::map<std::string, ViewCheckpoint>& witnesses);

}  // namespace stockfold
