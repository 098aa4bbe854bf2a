// Decides recorded events again, to verify a log that came from elsewhere.
#pragma once

#include <optional>

#include "core/aggregates.h"
#include "core/command.h"
#include "core/event.h"
#include "core/fault.h"

namespace stockfold {

/// The command whose outcome the event is, its order's id included; empty for CommandRefused, which records
/// only the kind. The aggregates are those before the event. The event's order must be among them if it
/// exists.
std::optional<CommandBody> command_of(const Aggregates& aggregates, const Event& event);

/// Decides the command of an event again. The result must be the same event at the same version, or the same
/// refusal. The fault names the position, what was expected and what was found. The aggregates are those
/// before the event. Every order and product of the event, every subject of a refusal, and every product of
/// the lines of such an order must be among them if it exists. After a fault the aggregates may have changed.
///
/// The log does not record refused commands. So of the checks before a refusal, only those are decided again
/// that depend on its subject alone; the other lines of a refused order are unknown.
Result<void> redecide(Aggregates& aggregates, const RecordedEvent& event);

}  // namespace stockfold
