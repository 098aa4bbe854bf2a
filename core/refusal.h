// Why the domain refuses a command, with everything a caller needs to understand it, from one instant.
//
// Requests also fail for reasons that are no rule of the domain: they are malformed, not allowed, or the
// ledger cannot serve them now. Those are ErrorCode, in protocol/answer.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/ids.h"
#include "core/numbers.h"
#include "core/state.h"

namespace stockfold {

/// A rule of the domain. The numbers are stored and sent, and never reused. ErrorCode takes its numbers from
/// the same range, so none of them is a rule.
enum class Rule : std::uint8_t {
  unknown_product = 1,
  product_retired = 2,
  product_exists = 3,
  insufficient_stock = 4,
  stock_overflow = 5,
  unknown_order = 6,
  order_exists = 7,
  order_not_draft = 8,
  order_already_aborted = 9,
  order_already_fulfilled = 10,
  order_not_in_progress = 11,
  version_conflict = 12,
  command_id_reused = 13,  ///< Never recorded: the id keeps the outcome that it has.
};
inline constexpr Rule kLastRule = Rule::command_id_reused;
/// "unknown_product" and so on; "?" for a number that is no rule.
[[nodiscard]] std::string_view name_of(Rule rule);

/// The state of the aggregate that a rule is about; empty if there is no such aggregate.
using AggregateState = std::variant<std::monostate, Product, Order>;

struct Refusal {
  Rule rule = Rule::unknown_product;
  std::optional<StreamId> subject;         ///< The aggregate that the rule is about.
  AggregateState state;                    ///< The present state of the subject.
  std::optional<GlobalPosition> obstacle;  ///< The event that stands in the way.
  ExpectedVersion expected;                ///< any() unless versions were the cause.
  StreamVersion actual;                    ///< The version of the subject.
  Units requested = 0;                     ///< The units requested, if units were the cause.
  std::string detail;                      ///< What the other fields do not tell; at most kMaxDetailBytes.

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

inline constexpr std::size_t kMaxDetailBytes = 1'000;

/// A refusal that is about no aggregate, such as command_id_reused. A detail that is too long is cut.
[[nodiscard]] Refusal refuse(Rule rule, std::string detail);

/// One sentence for people. It is formed from the refusal alone, so a replay repeats it.
[[nodiscard]] std::string message_of(const Refusal& refusal);

/// Claims of a command that do not hold, and the order or product that they are about. It is no Refusal: it
/// is never recorded under a command id, so the caller may correct the claims and use the id again.
struct Contradiction {
  StreamId subject;
  AggregateState state;                    ///< The present state of the subject.
  StreamVersion actual;                    ///< The version of the subject.
  std::optional<GlobalPosition> obstacle;  ///< The subject's latest event.
  std::vector<StateField> fields;          ///< Whose claims do not hold, as the command lists them.
  friend bool operator==(const Contradiction&, const Contradiction&) = default;
};

/// One sentence for people. It does not name the fields: their names belong to each representation.
[[nodiscard]] std::string message_of(const Contradiction& contradiction);

}  // namespace stockfold
