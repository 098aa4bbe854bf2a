// The input and the result of the functions that read requests: one for each route.
#pragma once

#include <expected>
#include <string_view>

#include "server/http/fields.h"
#include "server/http/problem.h"
#include "server/http/target.h"

namespace stockfold {

struct HttpMatch {
  const HttpRequest& request;
  const HttpTarget& target;
  std::string_view id;  ///< Of the path; empty if it has none.
  HttpFields& fields;   ///< Of the body; none for GET.
};

/// What a request asks for, or its problem.
template <class Ask>
using HttpRead = std::expected<Ask, HttpProblem>;

/// The header that names a life of the log.
inline constexpr std::string_view kLifeHeader = "Stockfold-Life";

[[nodiscard]] inline std::unexpected<HttpProblem> unread(HttpProblem problem) {
  return std::unexpected(std::move(problem));
}
[[nodiscard]] inline std::unexpected<HttpProblem> wrong_id_in_path() {
  return unread(malformed("the id in the path is not " + std::string(kIdForm)));
}

}  // namespace stockfold
