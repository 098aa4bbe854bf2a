// JSON that is nested 100,000 deep: a recursive reader would overflow its stack. The bodies are no larger
// than what any client may send.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>
#include <variant>

#include "server/access/token_file.h"
#include "server/http/malformed.h"
#include "server/http/route.h"
#include "server/http/wire.h"
#include "server/running_server.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

using testing::HasSubstr;

constexpr std::size_t kDepth = 100'000;

std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  all.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

struct Nested {
  std::string open;
  std::string close;
  [[nodiscard]] std::string left_open() const { return repeated(open, kDepth); }
  [[nodiscard]] std::string whole() const { return left_open() + "1" + repeated(close, kDepth); }
};
/// Of objects and of lists, by themselves and in the field of an order.
const Nested kNested[] = {{R"({"a":)", "}"}, {"[", "]"}};
std::string in_an_order(const std::string& nested) { return R"({"product":"A","lines":)" + nested + "}"; }

HttpRequest order_with(std::string body) {
  HttpRequest request(boost::beast::http::verb::post, "/order/", 11);
  request.set(boost::beast::http::field::host, "localhost");
  request.set(boost::beast::http::field::content_type, "application/json");
  request.body() = std::move(body);
  return request;
}

TEST(DeeplyNestedJson, IsRefusedInRequests) {
  for (const Nested& nested : kNested) {
    for (const std::string& body : {nested.whole(), nested.left_open(), in_an_order(nested.whole())}) {
      ASSERT_LE(body.size(), kMaxHttpBodyBytes);
      const HttpAsk ask = route(order_with(body)).ask;
      const auto* problem = std::get_if<HttpProblem>(&ask);
      ASSERT_NE(problem, nullptr) << body.substr(0, 30);
      EXPECT_EQ(problem->status, boost::beast::http::status::bad_request);
      EXPECT_EQ(problem->detail, "the body: the JSON is nested too deeply") << body.substr(0, 30);
    }
  }
}

TEST(DeeplyNestedJson, IsRefusedAsTokenFile) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "tokens.json";
  for (const Nested& nested : kNested) {
    std::ofstream(path) << R"({"format":1,"tokens":)" << nested.whole() << "}";
    std::filesystem::permissions(path,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    const auto tokens = read_token_file(path);
    ASSERT_FALSE(tokens.has_value());
    EXPECT_THAT(tokens.error(), HasSubstr("not JSON"));
  }
}

/// Peak memory of this process so far.
std::size_t peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::size_t kibibytes = 0;
    if (word == "VmHWM:" && status >> kibibytes) return kibibytes << 10U;
  }
  return 0;
}

TEST(DeeplyNestedJson, IsRefusedWhileServerContinues) {
  constexpr std::size_t kMuch = 64U << 20;
  RunningServer server;
  HttpWire wire((*server).http_endpoint().port());
  EXPECT_EQ(wire.ask("POST", "/product/", "sku=A&stock=9").status, 201);
  const std::size_t before = peak_memory();
  ASSERT_GT(before, 0U);
  for (int time = 0; time < 8; ++time) {
    for (const Nested& nested : kNested) {
      const HttpReply reply = wire.ask("POST", "/order/", in_an_order(nested.whole()));
      EXPECT_EQ(reply.status, 400) << reply.body;
      EXPECT_THAT(reply.body, HasSubstr("nested too deeply"));
    }
  }
  EXPECT_LT(peak_memory() - before, kMuch);
  const HttpReply taken = wire.ask("POST", "/order/", R"({"product":"A"})");
  EXPECT_EQ(taken.status, 201) << "the server, and the connection, go on";
}

}  // namespace
}  // namespace stockfold
