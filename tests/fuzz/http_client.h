// Requests as a client writes them. They repeat docs/HTTP.md, because the reader of requests is under test.
#pragma once

#include <vector>

#include "core/command.h"
#include "server/http/fields.h"

namespace stockfold {

/// `command` must be admitted. Its fields are sent as JSON.
[[nodiscard]] HttpRequest as_json(const Command& command);
/// The same fields sent as a form.
[[nodiscard]] HttpRequest as_form(const Command& command);

/// Compares line by line and byte by byte.
[[nodiscard]] bool same_requests(const std::vector<HttpRequest>& some,
                                 const std::vector<HttpRequest>& others);

}  // namespace stockfold
