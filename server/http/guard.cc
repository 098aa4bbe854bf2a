#include "server/http/guard.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/beast/core/string.hpp>

#include "protocol/answer.h"
#include "server/http/target.h"

namespace stockfold {

namespace beast = boost::beast;
namespace http = beast::http;

namespace {

bool same(std::string_view one, std::string_view other) {
  return beast::iequals({one.data(), one.size()}, {other.data(), other.size()});
}

/// "[::1]:8000" is "::1", "shop:8000" is "shop".
std::string_view without_port(std::string_view authority) {
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    return end == std::string_view::npos ? std::string_view() : authority.substr(1, end - 1);
  }
  return authority.substr(0, authority.find(':'));
}

/// The part behind the scheme.
std::string_view authority_of(std::string_view origin) {
  const std::size_t scheme = origin.find("://");
  return scheme == std::string_view::npos ? std::string_view() : origin.substr(scheme + 3);
}

/// The host and port that the request was sent to. An absolute target overrides Host (RFC 9112, 3.2.2).
std::string_view authority_of(const HttpRequest& request) {
  const std::string_view of_target = absolute_authority(view(request.target()));
  return of_target.empty() ? view(request[http::field::host]) : of_target;
}

/// A browser sends the form of any page, and names the origin of the page. "Sec-Fetch-Site: same-origin" is
/// reliable, since scripts cannot set it; the authority is not, since a proxy may change it or terminate TLS.
/// Browsers send that header to https and to localhost only.
bool is_of_another_page(const HttpRequest& request, bool is_secured) {
  const std::string_view site = view(request["Sec-Fetch-Site"]);
  if (site == "same-origin") return false;
  if (!site.empty() && site != "none") return true;
  const std::string_view origin = view(request[http::field::origin]);
  if (origin.empty()) return false;
  const std::string_view scheme = is_secured ? "https://" : "http://";
  return !same(origin.substr(0, scheme.size()), scheme) || !same(authority_of(origin), authority_of(request));
}

HttpProblem cross_origin(const HttpRequest& request) {
  const std::string origin(view(request[http::field::origin]));
  std::string detail = "pages of another origin may not send commands";
  if (is_origin(origin)) detail += "; to allow this one: --http-origin " + origin;
  return {http::status::forbidden, "cross_origin", std::move(detail), {}};
}

/// Load balancers and kubelets send health probes under any name of the ledger. The answers hold no secret.
bool asks_for_health(const HttpRequest& request) {
  const auto target = parse_target(view(request.target()));
  return !changes_something(request) && target && !target->path.empty() && target->path.front() == "health";
}

}  // namespace

bool changes_something(const HttpRequest& request) {
  using http::verb;
  return request.method() != verb::get && request.method() != verb::head && request.method() != verb::options;
}

std::optional<HttpProblem> HttpGuard::check(const HttpRequest& request, const TlsContext* tls) const {
  const std::string_view host = authority_of(request);
  if (!host.empty() && !is_ours(without_port(host), tls) && !asks_for_health(request)) {
    return HttpProblem{http::status::misdirected_request,
                       "misdirected",
                       "this ledger is not known as " + std::string(host) +
                           "; to accept this name: --http-host " + std::string(without_port(host)),
                       {}};
  }
  if (changes_something(request) && is_of_another_page(request, tls != nullptr) &&
      allowed_origin(request).empty()) {
    return cross_origin(request);
  }
  return std::nullopt;
}

bool HttpGuard::is_ours(std::string_view host, const TlsContext* tls) const {
  boost::system::error_code no_address;
  const std::string name(host);
  boost::asio::ip::make_address(name, no_address);
  if (!no_address || same(host, "localhost")) return true;
  if (std::ranges::any_of(options_.hosts, [&](const std::string& one) { return same(one, host); }))
    return true;
  return tls != nullptr && tls->is_for(name);
}

std::string_view HttpGuard::allowed_origin(const HttpRequest& request) const {
  const std::string_view origin = view(request[http::field::origin]);
  const auto found =
      std::ranges::find_if(options_.origins, [&](const std::string& one) { return same(one, origin); });
  return found != options_.origins.end() ? origin : std::string_view();
}

std::string HttpGuard::cors_headers(const HttpRequest& request) const {
  if (options_.origins.empty()) return {};
  std::string lines = "Vary: Origin\r\n";
  const std::string_view origin = allowed_origin(request);
  if (origin.empty()) return lines;
  lines.append("Access-Control-Allow-Origin: ").append(origin).append("\r\n");
  if (request.method() == http::verb::options) {
    lines +=
        "Access-Control-Allow-Methods: GET, HEAD, POST, PUT, PATCH\r\n"
        "Access-Control-Allow-Headers: Authorization, Cache-Control, Content-Type, Idempotency-Key, "
        "If-Match, "
        "If-None-Match, Last-Event-ID, Stockfold-Life, X-HTTP-Method-Override\r\n"
        "Access-Control-Max-Age: 600\r\n";
  } else {
    lines +=
        "Access-Control-Expose-Headers: Accept-Encoding, Allow, Date, ETag, Idempotency-Replayed, Link, "
        "Location, Retry-After, WWW-Authenticate\r\n";
  }
  return lines;
}

bool is_origin(std::string_view text) {
  const std::string_view authority = authority_of(text);
  const bool known = text.starts_with("https://") || text.starts_with("http://");
  return known && !without_port(authority).empty() &&
         authority.find_first_of("/?#@ \t\r\n") == std::string_view::npos;
}

bool is_host_name(std::string_view text) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._-").contains(c);
  };
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, is_allowed);
}

std::string_view token_of(const HttpRequest& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view credentials = view(request[http::field::authorization]);
  return same(credentials.substr(0, kScheme.size()), kScheme) ? credentials.substr(kScheme.size())
                                                              : std::string_view();
}

HttpProblem no_token(const HttpRequest& request) {
  if (!token_of(request).empty()) {
    return {http::status::unauthorized,
            name_of(ErrorCode::unauthorized),
            "the token is not valid for this ledger, or no longer valid",
            {}};
  }
  return {http::status::unauthorized,
          name_of(ErrorCode::unauthorized),
          "this ledger requires a token: Authorization: Bearer TOKEN",
          {}};
}

}  // namespace stockfold
