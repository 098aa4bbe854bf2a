// The first step of a command's ladder: is it well-formed?
#pragma once

#include <optional>

#include "core/command.h"
#include "protocol/answer.h"

namespace stockfold {

/// Brings a command as it was sent into the form that the ledger takes: its lines in their normal form, its
/// body hash set where it carries an id. Returns invalid_argument, naming the argument, where it is
/// malformed or its id was never drawn. Any thread.
std::optional<Failure> admit(Command& command);

/// Of a command that the writer has no room for. It was not looked at, so it may have been done before.
[[nodiscard]] Failure too_busy();
/// What commands are told that were sent too late.
[[nodiscard]] Failure shutting_down();

}  // namespace stockfold
