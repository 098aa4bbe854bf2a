// Why a command was not done, with all that a caller needs to understand it, from one instant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/ids.h"
#include "core/numbers.h"
#include "core/state.h"

namespace stockfold {

/// Numbers that are stored and sent; never reused.
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
  command_id_reused = 13,
  invalid_argument = 14,
  overloaded = 15,
  outcome_unknown = 16,
  view_not_ready = 17,  ///< Of a read, never of a command.
  unauthorised = 18,    ///< Whoever asks has not said who they are, or not truly.
  forbidden = 19,       ///< They may not do this.
  out_of_space = 20,    ///< The disk has no room left for what a command would write.
  clock_jumped = 21,    ///< The wall clock cannot be right, so nothing is dated by it.
};
inline constexpr Rule kLastRule = Rule::clock_jumped;
/// "unknown_product" and so on; "?" for a number that is no rule.
[[nodiscard]] std::string_view name_of(Rule rule);

/// The state of the aggregate that a rule is about; nothing where there is no such aggregate.
using AggregateState = std::variant<std::monostate, Product, Order>;

struct Refusal {
  Rule rule = Rule::invalid_argument;
  std::optional<StreamId> subject;         ///< The aggregate that the rule is about.
  AggregateState state;                    ///< The subject as it is.
  std::optional<GlobalPosition> obstacle;  ///< The event that stands in the way.
  ExpectedVersion expected;                ///< any() where versions were not the cause.
  StreamVersion actual;                    ///< The subject's version.
  Units requested = 0;                     ///< Where units were the cause: how many were asked for.
  std::string detail;  ///< Where the rule and the state do not say all: what was wrong; at most
                       ///< kMaxDetailBytes.

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

inline constexpr std::size_t kMaxDetailBytes = 1'000;

/// A refusal of what never reached an aggregate, such as invalid_argument or overloaded. A detail that is too
/// long is cut.
[[nodiscard]] Refusal refuse(Rule rule, std::string detail);

/// One sentence for people; formed from the refusal alone, so always the same.
[[nodiscard]] std::string message_of(const Refusal& refusal);

}  // namespace stockfold
