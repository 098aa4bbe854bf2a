// What a command says, as 16 bytes: the same id with another body is a mistake that must be told.
#pragma once

#include "core/command.h"
#include "core/ids.h"

namespace stockfold {

/// The hash over kind, ids, lines (in their normal form), expected version, quantities, name and reason of a
/// command as it was sent: not its actor, and no order id that the ledger assigned. The bytes hashed are laid
/// down in docs/DATA_FORMAT.md, "Body hash", and never change: receipts are kept for ever. The command is not
/// malformed. Any thread.
BodyHash body_hash(const CommandBody& body, const ExpectedVersion& expected);

/// A version 7 UUID (RFC 9562): the clock's milliseconds, then random bits. Receipts of ids that ascend lie
/// side by side, and a new one need not be looked for among all the old. Any thread.
CommandId draw_command_id();
/// A version 4 UUID: random. Any thread.
LedgerId draw_ledger_id();

}  // namespace stockfold
