// What a caller says is so, and whether it is: a client that sends back the order or product that it was
// given, with its command, is understood. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/aggregates.h"
#include "core/command.h"
#include "core/decide.h"
#include "core/refusal.h"

namespace stockfold {

/// Whether the claims of a command that was decided hold: each is of its order or product as that is, or as
/// the decision makes it. Otherwise the refusal, an invalid_argument with a subject, which is of no
/// consequence: it is not recorded under the command's id. The aggregates are those before the decision.
std::optional<Refusal> contradiction(const Aggregates& aggregates, const Command& command,
                                     const Decision& decision);

/// The fields that such a refusal is about; none of another refusal.
[[nodiscard]] std::vector<std::string> contradicted_fields(const Refusal& refusal);

}  // namespace stockfold
