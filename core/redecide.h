// Whether what was decided is what deciding gives: how a log that came from elsewhere is believed.
#pragma once

#include <optional>

#include "core/aggregates.h"
#include "core/command.h"
#include "core/event.h"
#include "core/fault.h"

namespace stockfold {

/// The command that an event is the outcome of, its order's id included; empty for CommandRefused, which
/// records the kind alone. The aggregates are those before the event; its order must be among them if it
/// exists.
std::optional<CommandBody> command_of(const Aggregates& aggregates, const Event& event);

/// Decides the command of an event once more: it must come to the same event at the same version, and a
/// refusal to the same refusal. The fault names the position, what was expected and what was found. The
/// aggregates are those before the event; every order and product of the event, every subject of a refusal,
/// and every product of the lines that such an order has must be among them if it exists. After a fault they
/// may have changed.
///
/// A command that was refused is not recorded. Of the ladder before a refusal what hangs on its subject alone
/// is decided once more; lines of an order other than the one refused are not known.
Result<void> redecide(Aggregates& aggregates, const RecordedEvent& event);

}  // namespace stockfold
