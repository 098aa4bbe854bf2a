// Whether an event that came from elsewhere goes with the command that it says it is the outcome of.
#pragma once

#include "core/event.h"
#include "core/fault.h"

namespace stockfold {

/// What LogAudit leaves out, for it needs no state. Checked are
///  - that the command is not malformed, nor its actor;
///  - where it had an id, that the body hash is that of the command;
///  - of a recorded refusal, that deciding comes to it in the state that it quotes. The body of a command
///  that
///    was refused is not recorded, so its hash cannot be checked.
/// The fault, of kind corruption, names the position, what was expected and what was found. Any thread.
Result<void> check_command(const RecordedEvent& event);

}  // namespace stockfold
