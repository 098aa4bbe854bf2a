// An answer to an HTTP request: status, headers and body; and problems as answers
// (application/problem+json). Pure. The shapes are those of `--json`; docs/HTTP.md describes what HTTP adds.
#pragma once

#include <boost/beast/http/status.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "core/ids.h"
#include "core/refusal.h"
#include "protocol/answer.h"
#include "protocol/messages.h"
#include "server/http/problem.h"

namespace stockfold {

using HttpStatus = boost::beast::http::status;

struct HttpAnswer {
  HttpStatus status = HttpStatus::ok;
  std::string_view type = "application/json";  ///< Of static storage.
  std::string headers;                         ///< Whole lines, as well as those of every answer.
  std::string body;                            ///< Empty if the status allows none.
  std::string problem;                         ///< The type of the problem; empty if it is none.
  friend bool operator==(const HttpAnswer&, const HttpAnswer&) = default;
};

/// 200 with a JSON object and a line end.
[[nodiscard]] HttpAnswer json_answer(const boost::json::object& object, std::string headers = {});

// ---- problems ---------------------------------------------------------------------------------------------

[[nodiscard]] HttpAnswer answer_to(const HttpProblem& problem);
/// The problem of an error reply: its name and its detail.
[[nodiscard]] HttpAnswer answer_to(const ErrorReply& error);
/// 404: a question about a product or an order that does not exist.
[[nodiscard]] HttpAnswer unknown_answer(Rule rule, StreamId subject);

/// The status of a refusal; 409 where the state does not allow the command.
[[nodiscard]] HttpStatus status_of(Rule rule);
// The problems of commands that were not accepted, with everything that explains them.
[[nodiscard]] boost::json::object refusal_object(HttpStatus status, const Refusal& refusal);
[[nodiscard]] boost::json::object failure_object(const Failure& failure);
/// 409: names each field whose claim does not hold, with its present value.
[[nodiscard]] boost::json::object contradiction_object(const Contradiction& contradiction);
/// `detail` as UTF-8 text of a bounded length; what it quotes of the request need not be UTF-8.
[[nodiscard]] std::string shown_detail(std::string detail);
/// The answer whose body is `problem`, with the headers that its status and type need.
[[nodiscard]] HttpAnswer problem_answer(HttpStatus status, const boost::json::object& problem);

}  // namespace stockfold
