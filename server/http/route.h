// Finds the route of an HTTP request and reads what the request asks for. Pure: no socket, no clock. The
// routes are routes.h.
#pragma once

#include <optional>
#include <string>

#include "protocol/scope.h"
#include "server/http/asks.h"
#include "server/http/fields.h"
#include "server/http/problem.h"

namespace stockfold {

/// What a request asks for, and the scope that the caller's token needs for it.
struct HttpRouted {
  HttpAsk ask;
  std::optional<Scope> scope = std::nullopt;  ///< Empty: none is needed; so for every problem.
};

/// HEAD is read as GET. A POST may stand for PUT or PATCH, by `_method` in its form or query or by the header
/// X-HTTP-Method-Override.
[[nodiscard]] HttpRouted route(const HttpRequest& request);

/// The life of the log that a request refers to; empty where it names none.
[[nodiscard]] std::string life_in(const HttpAsk& ask);

/// 404: no route leads to the path.
[[nodiscard]] HttpProblem no_such_path();

}  // namespace stockfold
