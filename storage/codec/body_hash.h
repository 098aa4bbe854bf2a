// A command's body as a hash of 16 bytes. It detects a command id that is used again with another body.
#pragma once

#include "core/command.h"
#include "core/ids.h"

namespace stockfold {

/// The hash over kind, ids, lines (in their normal form), expected version, quantities, name and reason of a
/// command as it was sent. It excludes the actor and an order id that the ledger assigned. The hashed bytes
/// never change, because receipts are kept for ever: docs/DATA_FORMAT.md, "Body hash". The command must be
/// well-formed. Any thread.
BodyHash body_hash(const CommandBody& body, const ExpectedVersion& expected);

/// A version 7 UUID (RFC 9562): the clock's milliseconds, then random bits. Receipts of ascending
/// ids lie next to each other, so a new id need not be searched for among all old ones. Any thread.
CommandId draw_command_id();
/// A version 4 UUID: random. Any thread.
LedgerId draw_ledger_id();

}  // namespace stockfold
