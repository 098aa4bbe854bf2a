#include "server/http/guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "support/certificates.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

namespace http = boost::beast::http;
using testing::HasSubstr;

HttpRequest request(http::verb method, const std::vector<std::pair<std::string, std::string>>& headers) {
  HttpRequest made(method, "/order/", 11);
  for (const auto& [name, value] : headers) made.set(name, value);
  return made;
}

int status(const HttpGuard& guard, http::verb method,
           const std::vector<std::pair<std::string, std::string>>& headers, const TlsContext* tls = nullptr) {
  const auto problem = guard.check(request(method, headers), tls);
  return problem ? static_cast<int>(problem->status) : 200;
}

TEST(HttpGuard, AcceptsAddressesAndConfiguredHostNames) {
  const HttpGuard guard({.hosts = {"Ledger.example"}, .origins = {}});
  for (const char* host : {"127.0.0.1:8000", "localhost", "LOCALHOST:1", "[::1]:8000", "[::1]", "10.1.2.3",
                           "ledger.example", "ledger.example:8000"}) {
    EXPECT_EQ(status(guard, http::verb::get, {{"Host", host}}), 200) << host;
  }
  for (const char* host : {"evil.example", "evil.example:8000", "localhost.evil.example",
                           "127.0.0.1.evil.example", "[evil.example]", "[", ":8000", "ledger.example.evil"}) {
    EXPECT_EQ(status(guard, http::verb::get, {{"Host", host}}), 421) << host;
  }
  EXPECT_EQ(status(guard, http::verb::get, {}), 200) << "of HTTP/1.0; no browser speaks it";
  EXPECT_THAT(guard.check(request(http::verb::get, {{"Host", "shop:8000"}}), nullptr)->detail,
              HasSubstr("--http-host shop"));
}

TEST(HttpGuard, AllowsHealthProbesUnderAnyHostName) {
  const HttpGuard guard({});
  const auto status_at = [&](http::verb method, std::string_view target) {
    HttpRequest asked = request(method, {{"Host", "ledger.test:8101"}});
    asked.target({target.data(), target.size()});
    const auto problem = guard.check(asked, nullptr);
    return problem ? static_cast<int>(problem->status) : 200;
  };
  for (const char* target : {"/health/live", "/health/ready/?x", "http://shop.test/health/live"}) {
    EXPECT_EQ(status_at(http::verb::get, target), 200) << target;
    EXPECT_EQ(status_at(http::verb::head, target), 200) << target;
    EXPECT_EQ(status_at(http::verb::post, target), 421) << target;
  }
  for (const char* target : {"/metrics", "/head/", "/healthy", "//health/live", "/"}) {
    EXPECT_EQ(status_at(http::verb::get, target), 421) << target;
  }
}

TEST(HttpGuard, ChecksAbsoluteTargetInsteadOfHost) {
  const HttpGuard guard({});
  const auto asked = [](const char* target, const char* host, const char* origin) {
    HttpRequest made = request(http::verb::post, {{"Host", host}, {"Origin", origin}});
    made.target(target);
    return made;
  };
  EXPECT_EQ(guard.check(asked("http://evil.example/order/", "localhost", ""), nullptr)->type, "misdirected");
  EXPECT_EQ(guard.check(asked("http://u@localhost/order/", "localhost", ""), nullptr)->type, "misdirected");
  EXPECT_FALSE(guard.check(asked("http://localhost/order/", "evil.example", ""), nullptr));
  EXPECT_FALSE(guard.check(asked("http://[::1]:8000/order/", "x", "http://[::1]:8000"), nullptr));
  EXPECT_EQ(
      guard.check(asked("http://localhost/order/", "evil.example", "http://evil.example"), nullptr)->type,
      "cross_origin");
}

TEST(HttpGuard, AllowsSameOriginPageBehindProxyThatReplacesHost) {
  const HttpGuard guard({});
  const std::pair<std::string, std::string> host("Host", "127.0.0.1:8000");  // as the proxy names the ledger
  const std::pair<std::string, std::string> origin("Origin", "http://shop.example:9001");
  EXPECT_EQ(status(guard, http::verb::put, {host, origin, {"Sec-Fetch-Site", "same-origin"}}), 200);
  EXPECT_EQ(status(guard, http::verb::put, {{"Host", "shop.example"}, {"Sec-Fetch-Site", "same-origin"}}),
            421)
      << "a name that points here is not enough";
  const auto refused = guard.check(request(http::verb::put, {host, origin}), nullptr);
  EXPECT_EQ(refused->type, "cross_origin");
  EXPECT_THAT(refused->detail, HasSubstr("--http-origin http://shop.example:9001"));
  const auto nameless = guard.check(request(http::verb::put, {host, {"Origin", "null"}}), nullptr);
  EXPECT_THAT(nameless->detail, testing::Not(HasSubstr("--http-origin")));
}

TEST(HttpGuard, AllowsCommandsOnlyFromItsOwnOrigins) {
  const HttpGuard guard({.hosts = {}, .origins = {"https://shop.example"}});
  const std::pair<std::string, std::string> host("Host", "localhost:8000");
  for (const auto method : {http::verb::post, http::verb::put, http::verb::patch, http::verb::delete_}) {
    EXPECT_EQ(status(guard, method, {host}), 200) << "no browser";
    EXPECT_EQ(status(guard, method, {host, {"Origin", "http://localhost:8000"}}), 200);
    EXPECT_EQ(status(guard, method, {host, {"Sec-Fetch-Site", "same-origin"}}), 200);
    EXPECT_EQ(status(guard, method, {host, {"Sec-Fetch-Site", "none"}}), 200);
    EXPECT_EQ(
        status(guard, method, {host, {"Origin", "https://shop.example"}, {"Sec-Fetch-Site", "cross-site"}}),
        200);
    for (const char* origin : {"null", "http://evil.example", "http://localhost", "http://localhost:8001",
                               "https://shop.example.evil", "http://shop.example"}) {
      EXPECT_EQ(status(guard, method, {host, {"Origin", origin}}), 403) << origin;
    }
    EXPECT_EQ(status(guard, method, {host, {"Sec-Fetch-Site", "cross-site"}}), 403);
    EXPECT_EQ(status(guard, method, {host, {"Sec-Fetch-Site", "same-site"}}), 403);
  }
  EXPECT_EQ(status(guard, http::verb::get, {host, {"Origin", "http://evil.example"}}), 200)
      << "it cannot read the answer";
}

TEST(HttpGuard, ComparesOriginSchemeWithTls) {
  const TemporaryDirectory directory;
  const Authority authority(directory.path(), "authority");
  const CertificateFiles files = authority.issue("server", {"DNS:ledger.example"});
  const auto tls = TlsContext::of_server({.certificate = files.certificate,
                                          .key = files.key,
                                          .passphrase = {},
                                          .client_ca = {},
                                          .client_crl = {}},
                                         kHttpProtocol)
                       .value();
  const HttpGuard guard({.hosts = {"ledger.example"}, .origins = {}});
  const std::pair<std::string, std::string> host("Host", "ledger.example:8443");
  const auto post = http::verb::post;
  EXPECT_EQ(status(guard, post, {host, {"Origin", "https://ledger.example:8443"}}, tls.get()), 200);
  EXPECT_EQ(status(guard, post, {host, {"Origin", "http://ledger.example:8443"}}, tls.get()), 403);
  EXPECT_EQ(status(guard, post, {host, {"Origin", "https://ledger.example:8443"}}), 403);
  EXPECT_EQ(status(guard, post,
                   {host, {"Origin", "https://ledger.example:8443"}, {"Sec-Fetch-Site", "same-origin"}}),
            200)
      << "a proxy terminates TLS";
}

TEST(HostName, HasNoPort) {
  for (const char* text : {"ledger.example", "ledger", "a-b_c.1"}) EXPECT_TRUE(is_host_name(text)) << text;
  for (const char* text : {"", "ledger.example:8000", "https://ledger.example", "a b", "[::1]", "ledger/"}) {
    EXPECT_FALSE(is_host_name(text)) << text;
  }
}

TEST(HttpGuard, SendsCorsHeadersToConfiguredOrigins) {
  const auto asked = [](const std::string& origin, http::verb method) {
    return request(method, {{"Host", "localhost"}, {"Origin", origin}});
  };
  const HttpGuard closed({});
  EXPECT_EQ(closed.cors_headers(asked("https://shop.example", http::verb::get)), "");
  const HttpGuard open({.hosts = {}, .origins = {"https://shop.example"}});
  const std::string lines = open.cors_headers(asked("https://shop.example", http::verb::get));
  EXPECT_THAT(lines, HasSubstr("Access-Control-Allow-Origin: https://shop.example\r\n"));
  const std::string preflight = open.cors_headers(asked("https://shop.example", http::verb::options));
  const auto line_of = [](const std::string& all, const std::string& name) {
    const std::size_t begin = all.find(name);
    return begin == std::string::npos ? "" : all.substr(begin, all.find('\r', begin) - begin);
  };
  const std::string exposed = line_of(lines, "Access-Control-Expose-Headers");
  for (const char* name : {"Idempotency-Replayed", "ETag", "Location", "Link", "Retry-After", "Date"}) {
    EXPECT_THAT(exposed, HasSubstr(name));
  }
  const std::string allowed = line_of(preflight, "Access-Control-Allow-Headers");
  for (const char* name : {"Idempotency-Key", "If-Match", "If-None-Match", "Stockfold-Life", "Last-Event-ID",
                           "Content-Type", "Authorization"}) {
    EXPECT_THAT(allowed, HasSubstr(name));
  }
  EXPECT_EQ(open.cors_headers(asked("https://evil.example", http::verb::get)), "Vary: Origin\r\n");
}

TEST(Origin, ConsistsOfSchemeAndHost) {
  for (const char* text : {"https://shop.example", "http://localhost:8000", "https://[::1]:8443"}) {
    EXPECT_TRUE(is_origin(text)) << text;
  }
  for (const char* text : {"", "*", "shop.example", "ftp://shop.example", "https://", "https://shop.example/",
                           "https://a b", "https://shop.example\r\nX: y", "https://u@shop.example"}) {
    EXPECT_FALSE(is_origin(text)) << text;
  }
}

TEST(BearerToken, IsReadFromAuthorizationHeader) {
  const auto token = [](const char* value) {
    const auto asked = request(http::verb::get, {{"Authorization", value}});
    return std::string(token_of(asked));
  };
  EXPECT_EQ(token("Bearer abc"), "abc");
  EXPECT_EQ(token("bearer abc"), "abc");
  EXPECT_EQ(token("Basic abc"), "");
  EXPECT_EQ(token("Bearer"), "");
}

}  // namespace
}  // namespace stockfold
