// Requests as a client writes them: docs/HTTP.md once more, since what reads them is judged.
#pragma once

#include <vector>

#include "core/command.h"
#include "server/http/fields.h"

namespace stockfold {

/// `command` was admitted. Its fields are JSON.
[[nodiscard]] HttpRequest as_json(const Command& command);
/// The same as a form.
[[nodiscard]] HttpRequest as_form(const Command& command);

/// Line by line, byte by byte.
[[nodiscard]] bool same_requests(const std::vector<HttpRequest>& some,
                                 const std::vector<HttpRequest>& others);

}  // namespace stockfold
