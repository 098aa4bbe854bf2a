// What is wrong with the bytes of an HTTP request: nothing behind it on its connection can be understood.
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

/// Bytes of the empty lines before a request, which are passed over (RFC 9112, 2.2).
[[nodiscard]] std::size_t empty_lines(std::string_view bytes);

/// Of bytes that the parser met an error in.
[[nodiscard]] HttpProblem unparsed(const boost::beast::error_code& error, std::string_view bytes);

/// Whether they begin a connection of HTTP/2.
[[nodiscard]] bool speaks_http2(std::string_view bytes);
/// What its client understands of a server that does not speak it: settings and a GOAWAY, HTTP_1_1_REQUIRED.
[[nodiscard]] std::string_view http2_refusal();

/// Of a head that is whole: where its body ends cannot be told, or it expects what is not there.
[[nodiscard]] std::optional<HttpProblem> misframed(const HttpRequest& head);

}  // namespace stockfold
