// Why an HTTP request is not done, where it never came to a command or a question.
#pragma once

#include <boost/beast/http/status.hpp>
#include <cstdint>
#include <ostream>  // which Boost.Beast 1.81 uses in status.hpp and does not include
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stockfold {

/// What is wrong with a part of a request.
struct HttpFault {
  /// What it is in, and so what names it: a pointer into the body (RFC 6901), a parameter of the query, a
  /// header.
  enum class In : std::uint8_t { body, query, headers };
  In in = In::body;
  std::string name;    ///< As above.
  std::string detail;  ///< In words that can follow the name.
  friend bool operator==(const HttpFault&, const HttpFault&) = default;
};
/// Of one request; what is wrong beyond that is not looked for.
inline constexpr std::size_t kMaxFaults = 100;

struct HttpProblem {
  boost::beast::http::status status = boost::beast::http::status::bad_request;
  std::string_view type;          ///< Of static storage: the name of a rule, or of what HTTP itself refuses.
  std::string detail;             ///< For people. What it quotes of the request need not be text.
  std::string allow;              ///< Of method_not_allowed: the methods.
  std::vector<HttpFault> faults;  ///< All that is wrong, where that has a place.
  friend bool operator==(const HttpProblem&, const HttpProblem&) = default;
};

/// The body of the request is compressed, or otherwise encoded.
inline constexpr std::string_view kEncodedBody = "unsupported_content_encoding";

/// The request does not say what it should: invalid_argument, 400.
[[nodiscard]] inline HttpProblem malformed(std::string detail) {
  return {boost::beast::http::status::bad_request, "invalid_argument", std::move(detail), {}};
}

/// The same for each fault, of which there is at least one: `detail` is about the first. In http_fields.cc.
[[nodiscard]] HttpProblem malformed(std::vector<HttpFault> faults);

/// What it names is of another life of the log: another_life, 409.
[[nodiscard]] inline HttpProblem another_life(std::string detail) {
  return {boost::beast::http::status::conflict, "another_life", std::move(detail), {}};
}
[[nodiscard]] inline HttpProblem another_life(const std::string& named, const std::string& here) {
  return another_life("the request names life " + named + " of the log, but the log is in life " + here +
                      ": what was known of one life need not hold in the other. Nothing was done: read the "
                      "present state and continue from there");
}

}  // namespace stockfold
