// Requests as a parser produces them, and their meaning.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "server/http/route.h"

namespace stockfold {

/// A request as a parser produces it. A body that begins with a brace is JSON, any other a form. `headers`:
/// pairs.
inline HttpRequest http_request(std::string_view method, std::string_view target, std::string body = "",
                                const std::vector<std::pair<std::string, std::string>>& headers = {}) {
  HttpRequest request;
  request.method_string({method.data(), method.size()});
  request.target({target.data(), target.size()});
  request.version(11);
  request.set(boost::beast::http::field::host, "localhost");
  if (!body.empty()) {
    request.set(boost::beast::http::field::content_type,
                body.starts_with('{') ? "application/json" : "application/x-www-form-urlencoded");
  }
  request.body() = std::move(body);
  for (const auto& header : headers) request.erase(header.first);
  for (const auto& [name, value] : headers) request.insert(name, value);
  return request;
}

inline HttpProblem problem_of(const HttpRequest& request) {
  const HttpAsk ask = route(request).ask;
  const auto* problem = std::get_if<HttpProblem>(&ask);
  EXPECT_NE(problem, nullptr) << request.method_string() << " " << request.target() << " is taken";
  return problem == nullptr ? HttpProblem{boost::beast::http::status::ok, {}, {}, {}} : *problem;
}
inline Command command_of(const HttpRequest& request) {
  const HttpAsk ask = route(request).ask;
  if (const auto* problem = std::get_if<HttpProblem>(&ask)) ADD_FAILURE() << problem->detail;
  const auto* command = std::get_if<HttpCommand>(&ask);
  return command == nullptr ? Command{} : command->command;
}
inline HttpQuestion question_of(std::string_view target) {
  const HttpAsk ask = route(http_request("GET", target)).ask;
  if (const auto* problem = std::get_if<HttpProblem>(&ask))
    ADD_FAILURE() << target << ": " << problem->detail;
  const auto* question = std::get_if<HttpQuestion>(&ask);
  return question == nullptr ? HttpQuestion{} : *question;
}
/// The places of a request's faults: "/lines/0/sku", "?limit", "If-Match:".
inline std::vector<std::string> places_of(const HttpProblem& problem) {
  std::vector<std::string> places;
  for (const HttpFault& fault : problem.faults) {
    const bool in_query = fault.in == HttpFault::In::query;
    const bool in_headers = fault.in == HttpFault::In::headers;
    places.push_back((in_query ? "?" : "") + fault.name + (in_headers ? ":" : ""));
  }
  return places;
}

}  // namespace stockfold
