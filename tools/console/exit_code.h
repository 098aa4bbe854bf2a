// How the program ends: what scripts rely on.
#pragma once

#include "core/refusal.h"

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
  switch (rule) {
    case Rule::version_conflict:
      return kConflict;
    case Rule::invalid_argument:
      return kUsage;
    case Rule::overloaded:
    case Rule::outcome_unknown:
    case Rule::view_not_ready:
    case Rule::unauthorised:
    case Rule::forbidden:
    case Rule::out_of_space:
    case Rule::clock_jumped:
      return kFailed;
    default:
      return kRefused;
  }
}

}  // namespace stockfold
