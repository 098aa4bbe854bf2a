// What clients asked of a ledger, what it answered, and when: the evidence that is judged.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "core/command.h"
#include "protocol/answer.h"
#include "protocol/messages.h"

namespace stockfold {

/// Nanoseconds of one steady clock, or ticks of a simulated one.
using Instant = std::int64_t;
inline constexpr Instant kNever = std::numeric_limits<Instant>::max();

/// Commands have an id, have their lines in normal form, and name their order. An id that the ledger assigns
/// depends on all other orders, so it cannot be judged product by product.
using Asked = std::variant<Command, ShowProduct, ShowOrder>;

/// Empty: unknown. The connection was lost, no reply came in time, or the reply was outcome_unknown. The
/// command may have been done once at any time after its call, or never.
using Told = std::variant<std::monostate, Answer, ProductReply, OrderReply>;

/// One attempt of a command, or one read. A retry is another operation under the same command id.
struct Operation {
  /// Operations answered on one connection took effect in the order of their calls.
  std::uint32_t connection = 0;
  Instant called = 0;
  Instant returned = kNever;  ///< kNever if the outcome is unknown.
  Asked asked;
  Told told;
};

/// Operations of different connections are in any order; those of one connection in the order of their calls.
using History = std::vector<Operation>;

[[nodiscard]] inline bool is_told(const Operation& operation) { return operation.told.index() != 0; }
/// The answer to a command; null for a read, and if the outcome is unknown.
[[nodiscard]] inline const Answer* answer_in(const Operation& operation) {
  return std::get_if<Answer>(&operation.told);
}
/// The id was used for another command.
[[nodiscard]] bool is_reuse(const Answer& answer);
/// Records the answer of an operation; after outcome_unknown the outcome stays unknown.
void receive(Operation& operation, Told told, Instant returned);

/// Whether two commands have the same body, as command ids require; the actor is not part of it.
[[nodiscard]] inline bool same_body(const Command& a, const Command& b) {
  return a.body == b.body && a.expected == b.expected;
}
/// Whether a command received the outcome of its id as the first attempt.
[[nodiscard]] bool was_first(const Operation& operation);

/// Removes operations without information: reads with unknown results, and commands refused as overloaded.
[[nodiscard]] History telling(const History& history);

/// For people: "place o7 A=1 B=2 expecting 0", "accepted in_progress v1 A:4".
[[nodiscard]] std::string describe(const Asked& asked);
[[nodiscard]] std::string describe(const Told& told);

/// The parts of a history that have no product, order or command id in common. By the locality of
/// linearizability (Herlihy and Wing, 1990) the whole history has an order if and only if each part has one.
[[nodiscard]] std::vector<History> components(const History& history);

}  // namespace stockfold
