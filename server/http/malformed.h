// Faults in the bytes of an HTTP request. After one, nothing that follows on the connection can be parsed.
// Pure.
#pragma once

#include <boost/beast/core/error.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "server/http/fields.h"
#include "server/http/problem.h"

namespace stockfold {

inline constexpr std::uint32_t kMaxHttpHeaderBytes = 8'192;
inline constexpr std::uint64_t kMaxHttpBodyBytes = 1U << 20;

/// The size of the empty lines before a request, which are skipped (RFC 9112, 2.2).
[[nodiscard]] std::size_t empty_lines(std::string_view bytes);

/// The problem of bytes in which the parser found an error.
[[nodiscard]] HttpProblem unparsed(const boost::beast::error_code& error, std::string_view bytes);

/// Whether they are the first bytes of an HTTP/2 connection.
[[nodiscard]] bool speaks_http2(std::string_view bytes);
/// Tells an HTTP/2 client to use HTTP/1.1: settings and a GOAWAY, HTTP_1_1_REQUIRED.
[[nodiscard]] std::string_view http2_refusal();

/// The problem of a whole head: the end of its body cannot be determined, or its Expect is not supported.
[[nodiscard]] std::optional<HttpProblem> misframed(const HttpRequest& head);

}  // namespace stockfold
