// multipart/form-data (RFC 7578): a form, as curl -F, browsers' FormData and PHP's arrays send it.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/target.h"

namespace stockfold {

/// The fields of a body. `content_type`: with the boundary. A file is none, and at most kMaxParameters are
/// taken. The error says what is wrong.
std::expected<std::vector<HttpParameter>, std::string> parse_multipart(std::string_view content_type,
                                                                       std::string_view body);

}  // namespace stockfold
