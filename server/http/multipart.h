// multipart/form-data (RFC 7578): the form that curl -F, the FormData of browsers and PHP arrays send.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/target.h"

namespace stockfold {

/// The fields of a body, at most kMaxParameters. `content_type` has the boundary. A file is an error. The
/// error names what is wrong.
std::expected<std::vector<HttpParameter>, std::string> parse_multipart(std::string_view content_type,
                                                                       std::string_view body);

}  // namespace stockfold
