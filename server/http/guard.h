// Checks of an HTTP request before anything is done for it: the host that it was sent to and the page that
// sent it; and the token that it has. Pure. docs/SECURITY.md explains the purpose of each.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/tls.h"
#include "server/http/fields.h"
#include "server/http/problem.h"

namespace stockfold {

struct HttpGuardOptions {
  std::vector<std::string> hosts;    ///< Further names under which clients reach the ledger.
  std::vector<std::string> origins;  ///< Their pages may read and send commands: "https://shop.example".
};

class HttpGuard {
 public:
  explicit HttpGuard(HttpGuardOptions options) : options_(std::move(options)) {}

  /// 421 if the request was meant for another host. The authority, from the target or else from Host, must be
  /// an address, localhost, or a name in the options or in the certificate of `tls` (null: no TLS). Otherwise
  /// a foreign page could point its own name at the ledger and get access. Health probes accept any name.
  ///
  /// 403 if the request may change something and a page of another origin sent it, unless the options name
  /// the origin.
  [[nodiscard]] std::optional<HttpProblem> check(const HttpRequest& request, const TlsContext* tls) const;

  /// Headers that let pages of the options' origins read the answer; none for other pages.
  [[nodiscard]] std::string cors_headers(const HttpRequest& request) const;

 private:
  [[nodiscard]] bool is_ours(std::string_view host, const TlsContext* tls) const;
  /// The origin of the request if the options name it; else empty.
  [[nodiscard]] std::string_view allowed_origin(const HttpRequest& request) const;

  HttpGuardOptions options_;
};

/// "https://shop.example:8443": a scheme, a host and optionally a port, and nothing else.
[[nodiscard]] bool is_origin(std::string_view text);

/// "ledger.example": letters, digits, dots, dashes and underscores, and no port.
[[nodiscard]] bool is_host_name(std::string_view text);

/// Whether the method may change something: all but GET, HEAD and OPTIONS.
[[nodiscard]] bool changes_something(const HttpRequest& request);

/// The token in "Authorization: Bearer TOKEN"; empty if there is none.
[[nodiscard]] std::string_view token_of(const HttpRequest& request);

/// 401: the request has no token, or an invalid one.
[[nodiscard]] HttpProblem no_token(const HttpRequest& request);

}  // namespace stockfold
