// (state, command) -> event | refusal. Pure: no clock, no randomness, no I/O.
#pragma once

#include <expected>

#include "core/aggregates.h"
#include "core/command.h"
#include "core/event.h"
#include "core/refusal.h"

namespace stockfold {

/// The decision to accept a command, or to record its refusal.
struct Decision {
  Event event;
  StreamVersion version;  ///< In the stream of the order or product that the command names.
};

/// Decides one command that is well-formed and whose id has no outcome yet; Ledger checks both before.
///
/// The checks are a ladder. The first check that fails gives the refusal:
///   1. the expected version of the stream that the command names;
///   2. the rules of the command, in the order of the table in docs/ARCHITECTURE.md. Rules on lines are
///      checked rule by rule: unknown on any line, then retired on any line, then stock on any line; and for
///      each rule line by line, in order of SKU.
///
/// A DraftOrder or PlaceOrder must already have its order id. Every order and product that the command names,
/// and every product of an order that it names, must be in `aggregates` if it exists.
std::expected<Decision, Refusal> decide(const Aggregates& aggregates, const Command& command);

}  // namespace stockfold
