// Checks an imported event against the command that it records the outcome of.
#pragma once

#include "core/event.h"
#include "core/fault.h"

namespace stockfold {

/// Checks what LogAudit does not, because it needs no state:
///  - the command and its actor are well formed;
///  - if it had an id, the body hash is that of the command;
///  - a recorded refusal is what deciding returns in the state that it quotes. The body of a refused command
///    is not recorded, so its hash cannot be checked.
/// The fault, of kind corruption, names the position, what was expected and what was found. Any thread.
Result<void> check_command(const RecordedEvent& event);

}  // namespace stockfold
