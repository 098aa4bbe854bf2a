// What clients asked of a ledger, what they were told, and when: the evidence that is judged.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "core/answer.h"
#include "core/command.h"
#include "protocol/messages.h"

namespace stockfold {

/// Nanoseconds of one steady clock, or ticks of a simulated one.
using Instant = std::int64_t;
inline constexpr Instant kNever = std::numeric_limits<Instant>::max();

/// Commands have an id, their lines in the normal form, and name their order: an id that the ledger assigns
/// hangs on every other order, so it cannot be judged product by product.
using Asked = std::variant<Command, ShowProduct, ShowOrder>;

/// Nothing: nobody knows. The connection was lost, no reply came in time, or it was outcome_unknown. The
/// command may have been done at any time after its call, once, or never.
using Told = std::variant<std::monostate, Answer, ProductReply, OrderReply>;

/// One sending of a command, or one read. A retry is another operation under the same command id.
struct Operation {
  std::uint32_t connection = 0;  ///< What one connection is told took effect in the order of its calls.
  Instant called = 0;
  Instant returned = kNever;  ///< kNever where nobody knows.
  Asked asked;
  Told told;
};

/// In any order between connections; those of one connection in the order of their calls.
using History = std::vector<Operation>;

[[nodiscard]] inline bool is_told(const Operation& operation) { return operation.told.index() != 0; }
/// What a command was told; null of a read, and where nobody knows.
[[nodiscard]] inline const Answer* answer_in(const Operation& operation) {
  return std::get_if<Answer>(&operation.told);
}
/// The id was used for another command.
[[nodiscard]] bool is_reuse(const Answer& answer);
/// It returned with an answer; of outcome_unknown nobody is the wiser.
void settle(Operation& operation, Told told, Instant returned);

/// Whether two commands say the same, as their ids are held to: who asks is no part of it.
[[nodiscard]] inline bool same_body(const Command& a, const Command& b) {
  return a.body == b.body && a.expected == b.expected;
}
/// A command that was told the outcome of its id as the first to ask.
[[nodiscard]] bool was_first(const Operation& operation);

/// Without what says nothing: reads that nobody knows of, and commands that were refused as overloaded.
[[nodiscard]] History telling(const History& history);

/// For people: "place o7 A=1 B=2 expecting 0", "accepted in_progress v1 A:4".
[[nodiscard]] std::string describe(const Asked& asked);
[[nodiscard]] std::string describe(const Told& told);

/// The parts of a history that have no product, order or command id in common. By the locality of
/// linearizability (Herlihy and Wing, 1990) the whole has an order exactly where each part has one.
[[nodiscard]] std::vector<History> components(const History& history);

}  // namespace stockfold
