// Whether a caller's claims about an order or product hold. A client may send back, with its command, the
// representation that it was given. Pure.
#pragma once

#include <optional>

#include "core/aggregates.h"
#include "core/command.h"
#include "core/decide.h"
#include "core/refusal.h"

namespace stockfold {

/// Compares the claims of a command with its decision. A claim holds if it is true of the order or product
/// before the decision or after it. Empty if all claims hold. The aggregates are those before the decision.
std::optional<Contradiction> contradiction(const Aggregates& aggregates, const Command& command,
                                           const Decision& decision);

}  // namespace stockfold
