// Why an HTTP request is not done, where it never came to a command or a question.
#pragma once

#include <boost/beast/http/status.hpp>
#include <string>
#include <string_view>

namespace stockfold {

struct HttpProblem {
  boost::beast::http::status status = boost::beast::http::status::bad_request;
  std::string_view type;  ///< Of static storage: the name of a rule, or of what HTTP itself refuses.
  std::string detail;     ///< For people. What it quotes of the request need not be text.
  std::string allow;      ///< Of method_not_allowed: the methods.
  friend bool operator==(const HttpProblem&, const HttpProblem&) = default;
};

/// The body of the request is compressed, or otherwise encoded.
inline constexpr std::string_view kEncodedBody = "unsupported_content_encoding";

/// The request does not say what it should: invalid_argument, 400.
[[nodiscard]] inline HttpProblem malformed(std::string detail) {
  return {boost::beast::http::status::bad_request, "invalid_argument", std::move(detail), {}};
}

/// Its positions are of another life of the log: another_life, 409.
[[nodiscard]] inline HttpProblem another_life(const std::string& said, const std::string& here) {
  return {boost::beast::http::status::conflict,
          "another_life",
          "this is of the life " + said + " of a log, and here is " + here +
              ": positions of the one mean nothing in the other, so begin anew",
          {}};
}

}  // namespace stockfold
