// What HTTP connections carry and how they end, over real sockets; docs/HTTP.md, "Connections".
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>

#include "protocol/text/time_text.h"
#include "server/http/fixture.h"

namespace stockfold {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(Http, AnswersHeadWithLengthAndNoBody) {
  const HttpReply reply = wire_.ask("HEAD", "/health/live");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("content-length"), "18");
  EXPECT_EQ(wire_.get("/health/live").status, 200) << "the connection goes on";
}

TEST_F(Http, ReportsAllowedMethods) {
  EXPECT_EQ(wire_.ask("OPTIONS", "/order/1/abort/").header("allow"), "POST, PUT, PATCH, OPTIONS");
  EXPECT_EQ(wire_.ask("OPTIONS", "*").status, 204);
  const HttpReply refused = wire_.ask("DELETE", "/order/1/");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.header("allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(wire_.get("/nothing").status, 404);
}

TEST_F(Http, AnswersPipelinedRequestsInOrder) {
  given_product("A", 100);
  std::string requests;
  for (int i = 0; i < 100; ++i) {
    requests +=
        "POST /order/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        "Content-Length: 9\r\n\r\nproduct=A"
        "GET /product/A/ HTTP/1.1\r\nHost: localhost\r\n\r\n";
  }
  wire_.send(requests);
  for (int i = 1; i <= 100; ++i) {
    EXPECT_EQ(wire_.receive()->header("location"), std::to_string(i) + "/");
    EXPECT_THAT(wire_.receive()->body, HasSubstr("\"stock\":" + std::to_string(100 - i) + ","));
  }
}

TEST_F(Http, AcceptsChunkedBody) {
  given_product("A", 1);
  wire_.send(
      "POST /order/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: chunked\r\n\r\n4\r\n{\"pr\r\n");
  wire_.send("c\r\noduct\": \"A\"}\r\n0\r\n\r\n");
  EXPECT_EQ(wire_.receive()->status, 201);
}

TEST_F(Http, AnswersExpectContinue) {
  given_product("A", 1);
  wire_.send(
      "POST /order/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
      "Content-Length: 9\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(wire_.receive()->status, 100);
  wire_.send("product=A");
  EXPECT_EQ(wire_.receive()->status, 201);
}

TEST_F(Http, RefusesTooLargeRequestBeforeItIsSent) {
  wire_.send(
      "POST /order/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: 1048577\r\nExpect: 100-continue\r\n\r\n");
  const auto body = wire_.receive();
  EXPECT_EQ(body->status, 413);
  EXPECT_EQ(body->header("connection"), "close");
  wire_.finish();
  EXPECT_TRUE(wire_.is_over());

  HttpWire other(port());
  other.send("GET / HTTP/1.1\r\nHost: localhost\r\nCookie: " + std::string(9'000, 'c'));
  EXPECT_EQ(other.receive()->status, 431);

  HttpWire chunked(port());
  chunked.send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5;" +
               std::string(9'000, 'c'));
  EXPECT_EQ(chunked.receive()->status, 431);
}

TEST_F(Http, DeliversAnswerToClientThatIsStillSending) {
  const std::string mebibytes(8U << 20, 'x');
  std::thread sender;
  wire_.send("POST /order/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8388608\r\n\r\n");
  sender = std::thread([&] { wire_.send(mebibytes); });
  EXPECT_EQ(wire_.receive()->status, 413);
  sender.join();
}

TEST_F(Http, RefusesMalformedRequestAndCloses) {
  const std::string post = "POST /order/ HTTP/1.1\r\nHost: localhost\r\n";
  const struct {
    std::string bytes;
    int status;
  } kCases[] = {
      {"\x16\x03\x01 what is this?\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost x\r\n\r\n", 400},
      {"GET /\r\n\r\n", 400},
      {"GET / HTTP/3.0\r\n\r\n", 505},
      {post + "Transfer-Encoding: gzip\r\n\r\n", 501},
      {post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
      {post + "Transfer-Encoding: identity\r\nContent-Length: 0\r\n\r\n", 501},
      {post + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {post + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n", 400},
      {post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
      {"POST /order/ HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {post + "Expect: a miracle\r\nContent-Length: 1\r\n\r\n", 417},
  };
  for (const auto& [bytes, status] : kCases) {
    HttpWire wire(port());
    wire.send(bytes);
    const auto reply = wire.receive();
    ASSERT_TRUE(reply.has_value()) << bytes;
    EXPECT_EQ(reply->status, status) << bytes;
    EXPECT_EQ(reply->header("connection"), "close") << bytes;
    wire.finish();
    EXPECT_TRUE(wire.is_over());
  }
}

TEST_F(Http, RefusesHttp2InHttp2Frames) {
  wire_.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  wire_.finish();
  const std::string frames = wire_.rest();
  const std::string debug = "this speaks HTTP/1.1 alone";
  const std::string settings("\0\0\0\4\0\0\0\0\0", 9);
  const std::string no_stream_and_http_1_1_required("\0\0\0\0\0\0\0\x0d", 8);
  const std::string go_away("\0\0\0\7\0\0\0\0\0", 9);
  std::string expected = settings + go_away + no_stream_and_http_1_1_required + debug;
  expected[settings.size() + 2] = static_cast<char>(8 + debug.size());
  EXPECT_EQ(frames, expected);
}

TEST_F(Http, IgnoresTrailers) {
  given_product("A", 9);
  EXPECT_EQ(wire_.ask("POST", "/order/", "product=A&id=7").status, 201);
  const std::string chunked =
      "HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  wire_.send("PUT /order/7/abort/ " + chunked + "0\r\nIf-Match: \"9\"\r\nExpect: more\r\n\r\n");
  EXPECT_EQ(wire_.receive()->status, 200) << "no version is expected";
  wire_.send("PUT /order/7/explain/ " + chunked + "0\r\nX-HTTP-Method-Override: GET\r\n\r\n");
  EXPECT_EQ(wire_.receive()->status, 405);
  for (int order = 1; order <= 2; ++order) {
    wire_.send("POST /order/ " + chunked + "9\r\nproduct=A\r\n0\r\nIdempotency-Key: k\r\nHost: x\r\n\r\n");
    const auto placed = wire_.receive();
    EXPECT_EQ(placed->header("location"), std::to_string(order) + "/") << "no key is shared";
  }
}

TEST_F(Http, SkipsEmptyLinesBeforeARequest) {
  const std::string get = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
  wire_.send("\r\n" + get + "\r\n\r\n" + get);
  EXPECT_EQ(wire_.receive()->status, 200);
  EXPECT_EQ(wire_.receive()->status, 200);
  wire_.send("\r");
  EXPECT_EQ(HttpWire(port()).get("/health/live").status, 200);
  wire_.send("\n" + get);
  EXPECT_EQ(wire_.receive()->status, 200);
}

TEST_F(Http, RefusesEncodedBody) {
  given_product("A", 1);
  const HttpReply refused = wire_.ask("POST", "/order/", "product=A", "Content-Encoding: gzip\r\n");
  EXPECT_EQ(refused.status, 415);
  EXPECT_EQ(refused.header("accept-encoding"), "identity");
  EXPECT_THAT(refused.body, StartsWith(R"({"type":"unsupported_content_encoding",)"));
  EXPECT_EQ(wire_.ask("POST", "/order/", "product=A", "Content-Encoding: identity\r\n").status, 201);
}

TEST_F(Http, PrefersAbsoluteTargetToHostHeader) {
  EXPECT_EQ(wire_.get("http://localhost:1/health/live").status, 200);
  EXPECT_EQ(wire_.get("HTTP://localhost?").status, 200);
  EXPECT_EQ(wire_.get("http:///head/").status, 400);
  EXPECT_EQ(wire_.get("ftp://localhost/head/").status, 400);
  wire_.send("GET http://localhost/head/ HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  EXPECT_EQ(wire_.receive()->status, 200);
  EXPECT_EQ(wire_.get("http://evil.example/head/").status, 421) << "whatever Host says";
}

TEST_F(Http, AddsDateToAnswers) {
  const std::int64_t before = std::chrono::system_clock::now().time_since_epoch() / 1s * 1'000;
  for (const char* target : {"/health/live", "/nothing", "/events/"}) {
    const std::string date = wire_.get(target).header("date");
    std::int64_t time = before;
    const std::int64_t now = std::chrono::system_clock::now().time_since_epoch() / 1ms;
    while (time <= now && http_date(UnixMillis(time)) != date) time += 1'000;
    EXPECT_LE(time, now) << date;
  }
}

TEST_F(Http, PipelinesHttp10RequestsWithKeepAlive) {
  wire_.send(
      "GET /health/live HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
      "GET /nothing HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"
      "GET /health/live HTTP/1.0\r\n\r\n"
      "GET /health/live HTTP/1.0\r\n\r\n");
  for (const int status : {200, 404}) {
    const auto reply = wire_.receive();
    EXPECT_EQ(reply->status, status);
    EXPECT_EQ(reply->header("keep-alive"), "timeout=75");
  }
  EXPECT_EQ(wire_.receive()->header("connection"), "close");
  wire_.finish();
  EXPECT_TRUE(wire_.is_over()) << "what stands behind the last one is not looked at";
}

TEST_F(Http, FollowsConnectionHeaderOfClient) {
  EXPECT_EQ(wire_.ask("GET", "/health/live", "", "Connection: close\r\n").header("connection"), "close");
  EXPECT_TRUE(wire_.is_over());
  HttpWire old(port());
  old.send("GET /health/live HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(old.receive()->header("connection"), "keep-alive");
  old.send("GET /health/live HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.receive()->header("connection"), "close");
  EXPECT_TRUE(old.is_over());
}

TEST_F(Http, ClosesConnectionsWhenServerStops) {
  EXPECT_EQ(wire_.get("/health/live").status, 200);
  server_.stop();
  EXPECT_TRUE(wire_.is_over());
}

class HttpTimeouts : public Http {
 protected:
  HttpTimeouts() : Http({.http_timeout = 50ms}) {}
};

TEST_F(HttpTimeouts, AnswerUnfinishedRequestAndClose) {
  wire_.send("POST /order/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nproduct");
  EXPECT_EQ(wire_.receive()->status, 408);
  EXPECT_TRUE(wire_.is_over());
}

TEST_F(HttpTimeouts, CloseSilentConnection) { EXPECT_TRUE(wire_.is_over()); }

TEST(HttpLimits, AllowIdleTimeBeyondRequestTimeout) {
  RunningServer server({.http_timeout = 500ms});
  const std::uint16_t port = (*server).http_endpoint().port();
  HttpWire used(port);
  EXPECT_EQ(used.get("/health/live").header("keep-alive"), "timeout=75");
  EXPECT_TRUE(HttpWire(port).is_over()) << "its first request did not come within the time of one";
  EXPECT_EQ(used.get("/health/live").status, 200);
  used.send("GET /health/live HTTP/1.1\r\nHost:");
  EXPECT_EQ(used.receive()->status, 408) << "the next request has the time of one";
  EXPECT_TRUE(used.is_over());
}

TEST(HttpLimits, CloseIdleConnectionWithoutAnswer) {
  RunningServer server({.http_idle_timeout = 50ms});
  HttpWire wire((*server).http_endpoint().port());
  EXPECT_EQ(wire.get("/health/live").header("keep-alive"), "timeout=0");
  EXPECT_TRUE(wire.is_over());
}

TEST(HttpLimits, AdmitProbesWhenTcpConnectionsAreFull) {
  RunningServer server({.max_connections = 1});
  const auto client = server.connect();
  EXPECT_FALSE(server.connect_silently()->receive().has_value()) << "one client is all that is allowed";
  EXPECT_EQ(HttpWire((*server).http_endpoint().port()).get("/health/live").status, 200);
}

TEST(HttpLimits, RefuseCommandsWhenQueueIsFull) {
  RunningServer server({.engine = {.writer = {.queue_limit = 0}}});
  HttpWire wire((*server).http_endpoint().port());
  const HttpReply refused = wire.ask("POST", "/product/", "sku=A");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("retry-after"), "1");
}

}  // namespace
}  // namespace stockfold
