// What the ledger tells a caller about a command, and why a request may fail without a rule being broken.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/ids.h"
#include "core/numbers.h"
#include "core/outcome.h"
#include "core/refusal.h"

namespace stockfold {

/// Why a request was not carried out, although no rule of the domain stands in its way: the request, the
/// network or the machine is the cause. None of these is recorded. The numbers are sent and never reused;
/// Rule takes its numbers from the same range, 22 to 41 among them.
enum class ErrorCode : std::uint8_t {
  invalid_argument = 14,  ///< The request is malformed, or its claims do not hold (Contradiction).
  overloaded = 15,
  outcome_unknown = 16,
  view_not_ready = 17,  ///< Reads only.
  unauthorized = 18,    ///< The client has no valid token.
  forbidden = 19,       ///< The client's token does not allow this.
  out_of_space = 20,    ///< The disk has no room for what a command would write.
  clock_jumped = 21,    ///< The wall clock is certainly wrong, so the ledger dates nothing by it.
  batch_refused = 42,   ///< Another command of a batch was refused, of which all or none is done.
};
inline constexpr std::array kAllErrorCodes = {
    ErrorCode::invalid_argument, ErrorCode::overloaded,   ErrorCode::outcome_unknown,
    ErrorCode::view_not_ready,   ErrorCode::unauthorized, ErrorCode::forbidden,
    ErrorCode::out_of_space,     ErrorCode::clock_jumped, ErrorCode::batch_refused};
inline constexpr ErrorCode kLastErrorCode = kAllErrorCodes.back();
/// Whether the number is one of those above.
[[nodiscard]] bool is_error_code(std::uint8_t number);
/// The name on the wire: "overloaded" and so on, "unauthorised" as it has always been spelled there; "?" for
/// a number that is no error code.
[[nodiscard]] std::string_view name_of(ErrorCode code);

/// A request that was not carried out, and what was wrong.
struct Failure {
  Failure() = default;
  /// A detail longer than kMaxDetailBytes is cut.
  Failure(ErrorCode cause, std::string what);

  ErrorCode code = ErrorCode::invalid_argument;
  std::string detail;
  friend bool operator==(const Failure&, const Failure&) = default;
};

/// One sentence for people: the detail, or a general sentence if there is none.
[[nodiscard]] std::string message_of(const Failure& failure);

/// The event that recorded an outcome.
struct DecidedBy {
  GlobalPosition position;
  UnixMillis time;
  friend bool operator==(const DecidedBy&, const DecidedBy&) = default;
};

/// The numbers of outcomes on the wire. Rules and error codes share kRefusedNumber: their own numbers are
/// one range, and their fields are the same.
inline constexpr std::uint8_t kAcceptedNumber = 1;
inline constexpr std::uint8_t kRefusedNumber = 2;

/// The answer to one command: accepted, refused by a rule, contradicted in its claims, or not carried out.
struct Answer {
  std::variant<Accepted, Refusal, Contradiction, Failure> outcome;
  bool replayed = false;             ///< The command id already had this outcome.
  std::optional<DecidedBy> decided;  ///< Set by the ledger on replays; not sent over TCP.
  friend bool operator==(const Answer&, const Answer&) = default;
};

/// The answer that an event records.
[[nodiscard]] Answer answer_recorded_by(const RecordedEvent& event);
/// Why a command was not done; empty if it was accepted.
[[nodiscard]] std::string message_of(const Answer& answer);
/// The name of the rule or the error code; empty if the command was accepted.
[[nodiscard]] std::string_view error_name_of(const Answer& answer);

}  // namespace stockfold
