// What is looked at of an HTTP request before anything is done for it: which host it was sent to, whose page
// has sent it, and who asks. Pure. docs/SECURITY.md says what each is for.
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
  std::vector<std::string>
      hosts;  ///< Names under which clients reach the ledger, beside those that it knows.
  std::vector<std::string> origins;  ///< Whose pages may ask and command it, as "https://shop.example".
};

class HttpGuard {
 public:
  explicit HttpGuard(HttpGuardOptions options) : options_(std::move(options)) {}

  /// 421 where the request was meant for somebody else: its authority, which is that of its target or else
  /// its Host, is neither an address, nor localhost, nor named by the options or by the certificate of `tls`,
  /// which is null where there is none. A page of a stranger that had its own name point here would be let in
  /// otherwise. Probes of health are answered under any name. 403 where it would change something and comes
  /// from the page of another origin, which is not one of the options'.
  [[nodiscard]] std::optional<HttpProblem> check(const HttpRequest& request, const TlsContext* tls) const;

  /// Lines that let a page of the options' origins read the answer; none for others.
  [[nodiscard]] std::string cors_headers(const HttpRequest& request) const;

 private:
  [[nodiscard]] bool is_ours(std::string_view host, const TlsContext* tls) const;
  /// The request's origin, where it is one of the options'.
  [[nodiscard]] std::string_view allowed_origin(const HttpRequest& request) const;

  HttpGuardOptions options_;
};

/// "https://shop.example:8443": a scheme, a host and where wanted a port, and nothing else.
[[nodiscard]] bool is_origin(std::string_view text);

/// "ledger.example": letters, digits, dots, dashes and underscores, and no port.
[[nodiscard]] bool is_host_name(std::string_view text);

/// Whether its method is one of those that do, or may do.
[[nodiscard]] bool changes_something(const HttpRequest& request);

/// Of "Authorization: Bearer TOKEN"; empty where there is none.
[[nodiscard]] std::string_view token_of(const HttpRequest& request);

}  // namespace stockfold
