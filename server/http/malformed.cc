#include "server/http/malformed.h"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <string>

namespace stockfold {

namespace http = boost::beast::http;
using http::status;

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Whether the first line ends in a version of HTTP, as the request of another version does.
bool names_a_version(std::string_view bytes) {
  const std::string_view line = bytes.substr(0, bytes.find("\r\n"));
  const std::size_t begin = line.rfind(" HTTP/");
  if (begin == std::string_view::npos) return false;
  const std::string_view version = line.substr(begin + 6);
  return version.size() == 3 && is_digit(version[0]) && version[1] == '.' && is_digit(version[2]);
}

}  // namespace

std::size_t empty_lines(std::string_view bytes) {
  std::size_t end = 0;
  while (bytes.substr(end).starts_with("\r\n")) end += 2;
  return end;
}

HttpProblem unparsed(const boost::beast::error_code& error, std::string_view bytes) {
  if (error == http::error::header_limit) {
    return {status::request_header_fields_too_large,
            "header_too_large",
            "the head of a request has at most " + std::to_string(kMaxHttpHeaderBytes) + " bytes",
            {}};
  }
  if (error == http::error::body_limit) {
    return {status::payload_too_large,
            "body_too_large",
            "the body of a request has at most " + std::to_string(kMaxHttpBodyBytes) + " bytes",
            {}};
  }
  if (error == http::error::bad_version && names_a_version(bytes)) {
    return {status::http_version_not_supported,
            "unsupported_http_version",
            "the ledger speaks HTTP/1.1 and HTTP/1.0; for other versions, put a proxy in front of it",
            {}};
  }
  return malformed("not an HTTP/1.1 request: " + error.message());
}

bool speaks_http2(std::string_view bytes) { return bytes.starts_with("PRI * HTTP/2.0\r\n"); }

std::string_view http2_refusal() {
  using namespace std::string_view_literals;
  return "\0\0\0\4\0\0\0\0\0"
         "\0\0\x22\7\0\0\0\0\0\0\0\0\0\0\0\0\xd"
         "this speaks HTTP/1.1 alone"sv;
}

std::optional<HttpProblem> misframed(const HttpRequest& head) {
  const std::size_t codings = head.count(http::field::transfer_encoding);
  if (codings > 0 && head.version() < 11) return malformed("Transfer-Encoding needs HTTP/1.1");
  if (codings > 1 ||
      (codings == 1 && !boost::beast::iequals(head[http::field::transfer_encoding], "chunked"))) {
    return HttpProblem{status::not_implemented,
                       "unsupported_transfer_encoding",
                       "the only supported Transfer-Encoding is chunked, alone",
                       {}};
  }
  const std::size_t expectations = head.version() < 11 ? 0 : head.count(http::field::expect);
  if (expectations > 1 ||
      (expectations == 1 && !boost::beast::iequals(head[http::field::expect], "100-continue"))) {
    return HttpProblem{status::expectation_failed,
                       "unsupported_expectation",
                       "the only supported Expect is 100-continue",
                       {}};
  }
  return std::nullopt;
}

}  // namespace stockfold
