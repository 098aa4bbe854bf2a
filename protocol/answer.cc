#include "protocol/answer.h"

#include <algorithm>
#include <utility>

#include "core/overloaded.h"

namespace stockfold {
namespace {

std::string_view sentence_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
      return "an argument is invalid";
    case ErrorCode::overloaded:
      return "the ledger is overloaded, try again";
    case ErrorCode::outcome_unknown:
      return "the ledger cannot tell whether the command was done";
    case ErrorCode::view_not_ready:
      return "a view is being rebuilt, try again";
    case ErrorCode::unauthorized:
      return "a token is needed";
    case ErrorCode::forbidden:
      return "the token does not allow this";
    case ErrorCode::out_of_space:
      return "the disk has no room left for commands";
    case ErrorCode::clock_jumped:
      return "the ledger's clock is wrong, so it takes no commands";
    case ErrorCode::batch_refused:
      return "nothing was done: another command of the batch was refused";
  }
  return "the request was not carried out";
}

}  // namespace

std::string_view name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
      return "invalid_argument";
    case ErrorCode::overloaded:
      return "overloaded";
    case ErrorCode::outcome_unknown:
      return "outcome_unknown";
    case ErrorCode::view_not_ready:
      return "view_not_ready";
    case ErrorCode::unauthorized:
      return "unauthorised";
    case ErrorCode::forbidden:
      return "forbidden";
    case ErrorCode::out_of_space:
      return "out_of_space";
    case ErrorCode::clock_jumped:
      return "clock_jumped";
    case ErrorCode::batch_refused:
      return "batch_refused";
  }
  return "?";
}

bool is_error_code(std::uint8_t number) {
  return std::ranges::find(kAllErrorCodes, static_cast<ErrorCode>(number)) != kAllErrorCodes.end();
}

Failure::Failure(ErrorCode cause, std::string what) : code(cause), detail(std::move(what)) {
  if (detail.size() > kMaxDetailBytes) detail.resize(kMaxDetailBytes);
}

std::string message_of(const Failure& failure) {
  return failure.detail.empty() ? std::string(sentence_of(failure.code)) : failure.detail;
}

Answer answer_recorded_by(const RecordedEvent& event) {
  return std::visit([](auto&& outcome) { return Answer{std::move(outcome)}; }, outcome_of(event));
}

std::string message_of(const Answer& answer) {
  return std::visit(Overloaded{[](const Accepted&) { return std::string(); },
                               [](const auto& not_done) { return message_of(not_done); }},
                    answer.outcome);
}

std::string_view error_name_of(const Answer& answer) {
  return std::visit(Overloaded{[](const Accepted&) { return std::string_view(); },
                               [](const Refusal& refusal) { return name_of(refusal.rule); },
                               [](const Contradiction&) { return name_of(ErrorCode::invalid_argument); },
                               [](const Failure& failure) { return name_of(failure.code); }},
                    answer.outcome);
}

}  // namespace stockfold
