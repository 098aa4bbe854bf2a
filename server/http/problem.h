// Why an HTTP request failed before it became a command or a question.
#pragma once

#include <boost/beast/http/status.hpp>
#include <cstdint>
#include <ostream>  // which Boost.Beast 1.81 uses in status.hpp and does not include
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stockfold {

/// A fault in a part of a request.
struct HttpFault {
  /// The part, and so the kind of name: a pointer into the body (RFC 6901), a parameter of the query, a
  /// header.
  enum class In : std::uint8_t { body, query, headers };
  In in = In::body;
  std::string name;    ///< As above.
  std::string detail;  ///< Words that can follow the name.
  friend bool operator==(const HttpFault&, const HttpFault&) = default;
};
/// The most faults of one request that are reported.
inline constexpr std::size_t kMaxFaults = 100;

struct HttpProblem {
  boost::beast::http::status status = boost::beast::http::status::bad_request;
  std::string_view type;          ///< Static storage: the name of a rule or of a problem of HTTP.
  std::string detail;             ///< For people. Quotes of the request need not be UTF-8.
  std::string allow;              ///< For method_not_allowed: the methods.
  std::vector<HttpFault> faults;  ///< All faults that have a place.
  friend bool operator==(const HttpProblem&, const HttpProblem&) = default;
};

/// The type of the problem of a body that is compressed, or otherwise encoded.
inline constexpr std::string_view kEncodedBody = "unsupported_content_encoding";

/// 400, invalid_argument: the request is malformed.
[[nodiscard]] inline HttpProblem malformed(std::string detail) {
  return {boost::beast::http::status::bad_request, "invalid_argument", std::move(detail), {}};
}

/// The same with each fault; there is at least one. `detail` describes the first. In fields.cc.
[[nodiscard]] HttpProblem malformed(std::vector<HttpFault> faults);

/// 409, another_life: the request refers to another life of the log.
[[nodiscard]] inline HttpProblem another_life(std::string detail) {
  return {boost::beast::http::status::conflict, "another_life", std::move(detail), {}};
}
[[nodiscard]] inline HttpProblem another_life(const std::string& named, const std::string& here) {
  return another_life("the request names life " + named + " of the log, but the log is in life " + here +
                      ": what was known of one life need not hold in the other. Nothing was done: read the "
                      "present state and continue from there");
}

}  // namespace stockfold
