// How the program ends: what scripts rely on.
#pragma once

#include <variant>

#include "protocol/answer.h"

namespace stockfold {

enum ExitCode : int {
  kDone = 0,
  kFailed = 1,     ///< Could not: no connection, disk, time-out, overload.
  kUsage = 2,      ///< Wrong usage; the message names the argument.
  kRefused = 3,    ///< Refused by a rule.
  kConflict = 4,   ///< Another version than the expected one.
  kUntrusted = 5,  ///< Integrity violated: the store cannot be trusted.
};

[[nodiscard]] constexpr ExitCode exit_code_of(Rule rule) {
  return rule == Rule::version_conflict ? kConflict : kRefused;
}
[[nodiscard]] constexpr ExitCode exit_code_of(ErrorCode code) {
  if (code == ErrorCode::batch_refused) return kRefused;
  return code == ErrorCode::invalid_argument ? kUsage : kFailed;
}
[[nodiscard]] inline ExitCode exit_code_of(const Answer& answer) {
  if (const auto* refusal = std::get_if<Refusal>(&answer.outcome)) return exit_code_of(refusal->rule);
  if (const auto* failure = std::get_if<Failure>(&answer.outcome)) return exit_code_of(failure->code);
  return std::holds_alternative<Accepted>(answer.outcome) ? kDone : kUsage;
}

}  // namespace stockfold
