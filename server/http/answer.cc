#include "server/http/answer.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <string_view>
#include <utility>

#include "core/utf8.h"
#include "protocol/text/json.h"
#include "protocol/text/json_fields.h"
#include "protocol/text/json_object.h"

namespace stockfold {

namespace json = boost::json;

namespace {

/// "order already aborted".
std::string title_of(std::string_view type) {
  std::string title(type);
  std::ranges::replace(title, '_', ' ');
  return title;
}

json::object problem_object(HttpStatus status, std::string_view type, std::string detail) {
  return {{"type", type},
          {"title", title_of(type)},
          {"status", static_cast<unsigned>(status)},
          {"detail", shown_detail(std::move(detail))}};
}

/// The place of a fault and its detail.
json::object fault_object(const HttpFault& fault) {
  constexpr std::array<std::string_view, 3> kNames = {"pointer", "parameter", "header"};
  return {{kNames[static_cast<std::size_t>(fault.in)], shown_detail(fault.name)},
          {"detail", shown_detail(fault.detail)}};
}

HttpStatus status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
      return HttpStatus::bad_request;
    case ErrorCode::unauthorized:
      return HttpStatus::unauthorized;
    case ErrorCode::forbidden:
      return HttpStatus::forbidden;
    case ErrorCode::overloaded:
    case ErrorCode::outcome_unknown:
    case ErrorCode::view_not_ready:
    case ErrorCode::out_of_space:
    case ErrorCode::clock_jumped:
      return HttpStatus::service_unavailable;
    case ErrorCode::batch_refused:
      return HttpStatus::conflict;
  }
  return HttpStatus::service_unavailable;
}

}  // namespace

HttpAnswer json_answer(const json::object& object, std::string headers) {
  HttpAnswer answer;
  answer.headers = std::move(headers);
  append_json(object, answer.body);
  answer.body += '\n';
  return answer;
}

HttpStatus status_of(Rule rule) {
  switch (rule) {
    case Rule::unknown_order:
      return HttpStatus::not_found;
    case Rule::version_conflict:
      return HttpStatus::precondition_failed;
    default:
      return HttpStatus::conflict;
  }
}

std::string shown_detail(std::string detail) {
  if (!is_utf8(detail)) {
    std::ranges::replace_if(detail, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  }
  if (detail.size() > kMaxDetailBytes) {
    std::size_t end = kMaxDetailBytes;
    while ((static_cast<unsigned char>(detail[end]) & 0xC0U) == 0x80U) --end;  // within a character of UTF-8
    detail.resize(end);
  }
  return detail;
}

HttpAnswer problem_answer(HttpStatus status, const json::object& object) {
  HttpAnswer answer{.status = status, .type = "application/problem+json", .headers = {}, .body = {}};
  answer.problem = std::string_view(object.at("type").as_string());
  if (status == HttpStatus::service_unavailable) {
    const bool takes_time =
        answer.problem == name_of(ErrorCode::out_of_space);  // the operator has to make room
    answer.headers = takes_time ? "Retry-After: 10\r\n" : "Retry-After: 1\r\n";
  }
  if (answer.problem == kEncodedBody) answer.headers = "Accept-Encoding: identity\r\n";
  if (status == HttpStatus::unauthorized) answer.headers = "WWW-Authenticate: Bearer realm=\"stockfold\"\r\n";
  append_json(object, answer.body);
  answer.body += '\n';
  return answer;
}

json::object refusal_object(HttpStatus status, const Refusal& refusal) {
  json::object object = problem_object(status, name_of(refusal.rule), message_of(refusal));
  add_obstacle(object, refusal);
  return object;
}

json::object failure_object(const Failure& failure) {
  json::object object = problem_object(status_of(failure.code), name_of(failure.code), message_of(failure));
  add_no_obstacle(object);
  return object;
}

json::object contradiction_object(const Contradiction& contradiction) {
  json::object object = problem_object(HttpStatus::conflict, name_of(ErrorCode::invalid_argument),
                                       message_with_fields(contradiction));
  add_obstacle(object, contradiction);
  json::array errors;
  for (const StateField field : contradiction.fields) {
    const std::string_view name = name_of(field);
    const auto* state = object.at("state").if_object();
    const auto* is = state != nullptr ? state->if_contains(name) : nullptr;
    errors.push_back({{"pointer", "/" + std::string(name)},
                      {"detail", is != nullptr ? "is " + shown_json(*is) : std::string("differs")}});
  }
  if (!errors.empty()) object.emplace("errors", std::move(errors));
  return object;
}

HttpAnswer unknown_answer(Rule rule, StreamId subject) {
  Refusal refusal;
  refusal.rule = rule;
  refusal.subject = std::move(subject);
  return problem_answer(HttpStatus::not_found, refusal_object(HttpStatus::not_found, refusal));
}

HttpAnswer answer_to(const HttpProblem& why) {
  json::object object = problem_object(why.status, why.type, why.detail);
  json::array errors;
  for (const HttpFault& fault : why.faults) errors.push_back(fault_object(fault));
  if (!errors.empty()) object.emplace("errors", std::move(errors));
  HttpAnswer answer = problem_answer(why.status, object);
  if (!why.allow.empty()) answer.headers += "Allow: " + why.allow + "\r\n";
  return answer;
}

HttpAnswer answer_to(const ErrorReply& error) {
  const HttpStatus status = status_of(error.code);
  return problem_answer(status, problem_object(status, name_of(error.code), error.detail));
}

}  // namespace stockfold
