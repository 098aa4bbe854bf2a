// The REST interface over real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "server/another_life.h"
#include "server/http_wire.h"
#include "server/running_server.h"
#include "server/time_text.h"
#include "server/world.h"

namespace stockfold {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

class Http : public testing::Test {
 protected:
  explicit Http(ServerOptions options = {}) : server_(std::move(options)), wire_(port()) {}

  [[nodiscard]] std::uint16_t port() { return (*server_).http_endpoint().port(); }
  std::string life() {
    return std::string(boost::json::parse(wire_.get("/head/").body).at("life").as_string());
  }
  void given_product(const std::string& sku, int stock) {
    const auto made = wire_.ask("POST", "/product/", "sku=" + sku + "&stock=" + std::to_string(stock));
    EXPECT_EQ(made.status, 201) << made.body;
  }

  RunningServer server_;
  HttpWire wire_;
};

// ---- the straight line ------------------------------------------------------------------------------------

TEST_F(Http, LivesThroughTheLifeOfAnOrder) {
  given_product("A", 1);
  const HttpReply placed = wire_.ask("POST", "/order/", "product=A");
  EXPECT_EQ(placed.status, 201);
  EXPECT_EQ(placed.header("location"), "1/");
  EXPECT_THAT(placed.header("etag"), testing::MatchesRegex("\"1@[0-9a-f]{8}[.]1\""));
  EXPECT_EQ(placed.body,
            R"({"id":"1","product":"A","status":"in_progress","status_code":"PR","ok":true,"order":"1",)"
            R"("version":1,"position":2,"replayed":false,"stock":{"A":0},)"
            R"("lines":[{"sku":"A","quantity":1}]})"
            "\n");

  EXPECT_EQ(wire_.ask("POST", "/order", R"({"lines":[{"sku":"A","quantity":1}]})").status, 409);
  const HttpReply aborted = wire_.ask("PUT", "/order/1/abort/");
  EXPECT_EQ(aborted.status, 200);
  EXPECT_THAT(aborted.body, StartsWith(R"({"id":"1","product":"A","status":"aborted","status_code":"AB",)"));

  const HttpReply again = wire_.ask("POST", "/order/1/abort/", "_method=PUT");
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.header("content-type"), "application/problem+json");
  EXPECT_EQ(again.body,
            R"({"type":"order_already_aborted","title":"order already aborted","status":409,)"
            R"("detail":"order 1 was already aborted at position 3","position":3,"expected_version":null,)"
            R"("actual_version":2,"subject":"order/1","state":{"order":"1","status":"aborted",)"
            R"("lines":[{"sku":"A","quantity":1}],"version":2},"replayed":false})"
            "\n");
  EXPECT_THAT(wire_.get("/order/1").body, HasSubstr(R"("status":"aborted")"));
  EXPECT_THAT(wire_.get("/product/A/").body, HasSubstr(R"("stock":1,)"));
}

TEST_F(Http, ADraftIsPlacedAndFulfilled) {
  given_product("A", 5);
  const HttpReply drafted =
      wire_.ask("POST", "/order/", R"({"id":"cart","product":"A","quantity":2,"draft":true})");
  EXPECT_EQ(drafted.status, 201);
  EXPECT_THAT(drafted.body, HasSubstr(R"("status_code":"DR")"));
  EXPECT_EQ(wire_.ask("POST", "/order/cart/place/").status, 200);
  EXPECT_EQ(wire_.ask("PATCH", "/order/cart/fulfil/", R"({"reason":"sent","actor":"bob"})").status, 200);
  EXPECT_EQ(wire_.ask("PUT", "/order/cart/abort/").status, 409);
  EXPECT_EQ(wire_.ask("PUT", "/order/none/abort/").status, 404);
  EXPECT_EQ(wire_.get("/order/none/").status, 404);
}

TEST_F(Http, ProductsAreReceivedWrittenOffAndRetired) {
  given_product("A", 5);
  EXPECT_EQ(wire_.ask("POST", "/product/", R"({"sku":"A"})").status, 409);
  const HttpReply received = wire_.ask("POST", "/product/A/receive/", "quantity=3&reason=delivery");
  EXPECT_EQ(received.status, 200);
  EXPECT_EQ(received.body,
            R"({"ok":true,"product":"A","version":2,"position":2,"replayed":false,"stock":{"A":8},"sku":"A"})"
            "\n");
  EXPECT_EQ(wire_.ask("POST", "/product/A/write-off/", R"({"quantity":9})").status, 409);
  EXPECT_EQ(wire_.ask("POST", "/product/A/write-off/", R"({"quantity":8})").status, 200);
  EXPECT_EQ(wire_.ask("POST", "/product/A/retire/").status, 200);
  EXPECT_EQ(wire_.ask("POST", "/product/none/receive/", "quantity=1").status, 404);
  EXPECT_EQ(wire_.get("/product/none/").status, 404);
}

TEST_F(Http, SharesTheLedgerWithTheProtocol) {
  server_.connect()->execute(2, register_product("A", 1));
  EXPECT_EQ(wire_.ask("POST", "/order/", "product=A").status, 201);
  EXPECT_EQ(rule_of(server_.connect()->execute(2, place_next({{sku("A"), 1}}))), Rule::insufficient_stock);
}

TEST_F(Http, EndsTheRace) {
  given_product("A", 1);
  for (int round = 0; round < 10; ++round) {
    const std::string order = "round-" + std::to_string(round);
    ASSERT_EQ(wire_.ask("POST", "/order/", "product=A&id=" + order).status, 201);
    std::atomic<int> aborted = 0;
    std::atomic<int> refused = 0;
    std::vector<std::thread> racers;
    for (int i = 0; i < 8; ++i) {
      racers.emplace_back([&] {
        const int status = HttpWire(port()).ask("PUT", "/order/" + order + "/abort/").status;
        ++(status == 200 ? aborted : refused);
      });
    }
    for (std::thread& racer : racers) racer.join();
    EXPECT_EQ(aborted, 1);
    EXPECT_EQ(refused, 7);
  }
  EXPECT_THAT(wire_.get("/product/A/").body, HasSubstr(R"("stock":1,)"));
}

// ---- once, and only if ------------------------------------------------------------------------------------

TEST_F(Http, AnIdempotencyKeyHasOneOutcome) {
  given_product("A", 2);
  const std::string key = "Idempotency-Key: checkout 17\r\n";
  const HttpReply first = wire_.ask("POST", "/order/", "product=A", key);
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(first.header("idempotency-replayed"), "");
  server_.stop();
  server_.start();
  HttpWire after(port());
  const HttpReply again = after.ask("POST", "/order/", "product=A", key);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.header("idempotency-replayed"), "true");
  EXPECT_EQ(again.header("location"), first.header("location"));
  const HttpReply reused = after.ask("POST", "/order/", "product=A&quantity=2", key);
  EXPECT_EQ(reused.status, 409);
  EXPECT_THAT(reused.body, StartsWith(R"({"type":"command_id_reused",)"));
}

TEST_F(Http, ARefusalThatIsReplayedSaysThatItIsOld) {
  given_product("A", 0);
  const std::string key = "Idempotency-Key: 6f1f2a34-0000-4000-8000-000000000017\r\n";
  const HttpReply first = wire_.ask("POST", "/order/", "product=A", key);
  EXPECT_EQ(first.status, 409);
  EXPECT_THAT(first.body, HasSubstr("\"replayed\":false"));
  wire_.ask("POST", "/product/A/receive/", "quantity=5");

  const HttpReply again = wire_.ask("POST", "/order/", "product=A", key);
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.header("idempotency-replayed"), "true");
  EXPECT_THAT(again.body, HasSubstr("; that was the outcome at 20"));
  EXPECT_THAT(again.body, HasSubstr("a new attempt needs a new Idempotency-Key"));
  EXPECT_THAT(again.body, HasSubstr("\"replayed\":true,\"decided_at\":\"20"));
  EXPECT_THAT(again.body, HasSubstr("\"decided_position\":2}"));
}

TEST_F(Http, AnAnswerThatIsReplayedHasTheLinesOfAnOrderLongGone) {
  given_product("A", 2);
  wire_.ask("POST", "/order/", "product=A&id=7");
  const std::string key = "Idempotency-Key: 00112233-4455-6677-8899-aabbccddeeff\r\n";
  const HttpReply first = wire_.ask("PUT", "/order/7/abort/", "", key);
  server_.stop();
  server_.start();
  const HttpReply again = HttpWire(port()).ask("PUT", "/order/7/abort/", "", key);
  EXPECT_EQ(again.status, 200);
  EXPECT_THAT(again.body, HasSubstr(R"("lines":[{"sku":"A","quantity":1}])"));
  EXPECT_EQ(again.header("idempotency-replayed"), "true");
}

TEST_F(Http, AVersionCanBeExpected) {
  given_product("A", 2);
  EXPECT_EQ(wire_.ask("POST", "/order/", "product=A&id=7", "If-None-Match: *\r\n").status, 201);
  EXPECT_EQ(wire_.ask("POST", "/order/", "product=A&id=7", "If-None-Match: *\r\n").status, 412);
  const HttpReply conflict = wire_.ask("PUT", "/order/7/abort/", "", "If-Match: \"2\"\r\n");
  EXPECT_EQ(conflict.status, 412);
  EXPECT_THAT(conflict.body, HasSubstr(R"("expected_version":2,"actual_version":1)"));
  EXPECT_EQ(wire_.ask("PUT", "/order/7/abort/", "", "If-Match: \"1\"\r\n").status, 200);

  const HttpReply same = wire_.ask("GET", "/order/7/", "", "If-None-Match: \"1\", \"2\"\r\n");
  EXPECT_EQ(same.status, 304);
  EXPECT_THAT(same.header("etag"), StartsWith("\"2@"));
  EXPECT_EQ(wire_.ask("GET", "/order/7/", "", "If-None-Match: \"1\"\r\n").status, 200);
  EXPECT_EQ(wire_.ask("GET", "/order/7/", "", "If-None-Match: \"9\"\r\nIf-None-Match: \"2-gzip\"\r\n").status,
            304);
}

TEST_F(Http, ACommandIsDoneInNoOtherLifeThanItsOwn) {
  given_product("A", 9);
  const std::string mine = wire_.ask("POST", "/order/", "product=A&id=7").header("etag");
  const std::string before = mine.substr(3, mine.size() - 4);
  server_.stop();
  begin_another_life(server_.data());
  server_.start();
  HttpWire wire(port());
  const auto ask = [&](const std::string& query, const std::string& body, const std::string& headers) {
    return wire.ask("PUT", "/order/7/abort/" + query, body, headers);
  };
  for (const HttpReply& refused :
       {ask("", "", "If-Match: " + mine + "\r\n"), ask("?life=" + before, "", ""),
        ask("", "life=" + before, ""), ask("", "", "Stockfold-Life: " + before + "\r\n"),
        wire.ask("POST", "/order/?life=" + before, "product=A&id=8")}) {
    EXPECT_EQ(refused.status, 409);
    EXPECT_THAT(refused.body, StartsWith(R"({"type":"another_life",)"));
    EXPECT_THAT(refused.body, HasSubstr("of the life " + before + " of a log, and here is "));
  }
  const HttpReply seen = wire.ask("GET", "/order/7/", "", "If-None-Match: " + mine + "\r\n");
  EXPECT_EQ(seen.status, 200) << "what was seen in another life may be another order";
  EXPECT_THAT(seen.body, HasSubstr("\"status\":\"in_progress\""));
  EXPECT_EQ(wire.get("/order/8/").status, 404);
  EXPECT_EQ(ask("", "", "If-Match: " + seen.header("etag") + "\r\n").status, 200);
}

// ---- reads ------------------------------------------------------------------------------------------------

TEST_F(Http, ListsGoOnByTheirCursor) {
  given_product("A", 9);
  for (int i = 0; i < 5; ++i) wire_.ask("POST", "/order/", "product=A");
  wire_.ask("PUT", "/order/2/abort/");
  std::string target = "/order/?status=PR&limit=2";
  std::string orders;
  while (!target.empty()) {
    const HttpReply page = wire_.get(target);
    ASSERT_EQ(page.status, 200) << page.body;
    for (std::size_t at = 0; (at = page.body.find(R"({"id":")", at)) != std::string::npos; ++at) {
      orders += page.body[at + 7];
    }
    const std::string link = page.header("link");
    target = link.empty() ? "" : "/order/" + link.substr(1, link.find('>') - 1);
  }
  EXPECT_EQ(orders, "1345");
  EXPECT_THAT(wire_.get("/product/?limit=1").body,
              StartsWith(R"({"products":[{"sku":"A","name":"","stock":5,)"));
}

TEST_F(Http, ThePastCanBeAsked) {
  given_product("A", 3);
  for (int i = 0; i < 3; ++i) wire_.ask("POST", "/order/", "product=A");
  EXPECT_THAT(wire_.get("/product/A/?at=2").body, HasSubstr(R"("stock":2,)"));
  EXPECT_EQ(wire_.get("/order/3/?at=3").status, 404);
  EXPECT_EQ(wire_.get("/order/3/?at=2020-01-01T00:00:00Z").status, 404);
  const HttpReply beyond = wire_.get("/product/A/?at=99");
  EXPECT_EQ(beyond.status, 400);
  EXPECT_THAT(beyond.body, HasSubstr("beyond the end of the log"));

  const HttpReply page = wire_.get("/order/?at=3&limit=1");
  const std::string cursor = life() + "@3@2";
  EXPECT_THAT(page.body, HasSubstr("\"next\":\"" + cursor + "\",\"as_of\":3}"));
  wire_.ask("POST", "/product/A/receive/", "quantity=1");
  EXPECT_THAT(wire_.get("/order/?cursor=" + cursor).body, HasSubstr(R"("next":null,"as_of":3})"))
      << "a cursor is of one moment";
}

TEST_F(Http, AReadCanWaitForAPosition) {
  given_product("A", 3);
  std::thread later([this] {
    HttpWire other(port());
    other.ask("POST", "/order/", "product=A");
  });
  EXPECT_THAT(wire_.get("/order/?min_position=2").body, HasSubstr(R"({"id":"1")"));
  later.join();
}

TEST(HttpReads, SayWhenThePositionTheyNameDoesNotCome) {
  RunningServer server({.session = {.read = 50ms}});
  HttpWire wire((*server).http_endpoint().port());
  const HttpReply reply = wire.get("/product/A/?min_position=1000");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.header("retry-after"), "1");
  EXPECT_THAT(reply.body, StartsWith(R"({"type":"overloaded",)"));
}

TEST_F(Http, EventsAreLinesOfJson) {
  given_product("A", 3);
  wire_.ask("POST", "/order/", "product=A&actor=alice");
  const HttpReply events = wire_.get("/events/?stream=order/1");
  EXPECT_EQ(events.header("content-type"), "application/x-ndjson");
  EXPECT_THAT(events.body, StartsWith(R"({"position":2,"type":"OrderPlaced",)"));
  EXPECT_THAT(events.body, HasSubstr(R"("actor":"alice")"));
  const HttpReply first = wire_.get("/events?limit=1");
  EXPECT_EQ(first.header("link"), "<?limit=1&from=2&life=" + life() + ">; rel=\"next\"");
  EXPECT_THAT(wire_.get("/events/?limit=1&from=2").body, StartsWith(R"({"position":2,)"));
}

TEST_F(Http, ProbesSayThatTheLedgerIsAliveAndReady) {
  EXPECT_EQ(wire_.get("/health/live").body, "{\"status\":\"live\"}\n");
  const HttpReply ready = wire_.get("/health/ready/?from=kubernetes");
  EXPECT_EQ(ready.status, 200);
  EXPECT_EQ(ready.header("content-type"), "application/json");
  EXPECT_EQ(ready.body, "{\"status\":\"ready\",\"position\":0,\"view_lag\":0}\n");
}

// ---- the connection ---------------------------------------------------------------------------------------

TEST_F(Http, AHeadTellsTheLengthWithoutTheBody) {
  const HttpReply reply = wire_.ask("HEAD", "/health/live");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("content-length"), "18");
  EXPECT_EQ(wire_.get("/health/live").status, 200) << "the connection goes on";
}

TEST_F(Http, MethodsAreTold) {
  EXPECT_EQ(wire_.ask("OPTIONS", "/order/1/abort/").header("allow"), "POST, PUT, PATCH, OPTIONS");
  EXPECT_EQ(wire_.ask("OPTIONS", "*").status, 204);
  const HttpReply refused = wire_.ask("DELETE", "/order/1/");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.header("allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(wire_.get("/nothing").status, 404);
}

TEST_F(Http, PipelinedRequestsAreAnsweredInTheirOrder) {
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

TEST_F(Http, ABodyCanComeInPieces) {
  given_product("A", 1);
  wire_.send(
      "POST /order/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: chunked\r\n\r\n4\r\n{\"pr\r\n");
  wire_.send("c\r\noduct\": \"A\"}\r\n0\r\n\r\n");
  EXPECT_EQ(wire_.receive()->status, 201);
}

TEST_F(Http, WhoAsksWhetherToContinueIsTold) {
  given_product("A", 1);
  wire_.send(
      "POST /order/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
      "Content-Length: 9\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(wire_.receive()->status, 100);
  wire_.send("product=A");
  EXPECT_EQ(wire_.receive()->status, 201);
}

TEST_F(Http, WhatIsTooLargeIsRefusedBeforeItIsSent) {
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

TEST_F(Http, AnAnswerIsHeardByWhoStillSends) {
  const std::string mebibytes(8U << 20, 'x');
  std::thread sender;
  wire_.send("POST /order/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8388608\r\n\r\n");
  sender = std::thread([&] { wire_.send(mebibytes); });
  EXPECT_EQ(wire_.receive()->status, 413);
  sender.join();
}

TEST_F(Http, NonsenseIsRefusedAndEndsTheConnection) {
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

TEST_F(Http, ClientsOfHttp2AreToldInFramesOfTheirs) {
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

TEST_F(Http, TrailersChangeNothing) {
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

TEST_F(Http, EmptyLinesBeforeARequestArePassedOver) {
  const std::string get = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
  wire_.send("\r\n" + get + "\r\n\r\n" + get);
  EXPECT_EQ(wire_.receive()->status, 200);
  EXPECT_EQ(wire_.receive()->status, 200);
  wire_.send("\r");
  EXPECT_EQ(HttpWire(port()).get("/health/live").status, 200);
  wire_.send("\n" + get);
  EXPECT_EQ(wire_.receive()->status, 200);
}

TEST_F(Http, ABodyThatIsEncodedIsRefusedForThat) {
  given_product("A", 1);
  const HttpReply refused = wire_.ask("POST", "/order/", "product=A", "Content-Encoding: gzip\r\n");
  EXPECT_EQ(refused.status, 415);
  EXPECT_EQ(refused.header("accept-encoding"), "identity");
  EXPECT_THAT(refused.body, StartsWith(R"({"type":"unsupported_content_encoding",)"));
  EXPECT_EQ(wire_.ask("POST", "/order/", "product=A", "Content-Encoding: identity\r\n").status, 201);
}

TEST_F(Http, AnAbsoluteTargetIsWhereTheRequestGoes) {
  EXPECT_EQ(wire_.get("http://localhost:1/health/live").status, 200);
  EXPECT_EQ(wire_.get("HTTP://localhost?").status, 200);
  EXPECT_EQ(wire_.get("http:///head/").status, 400);
  EXPECT_EQ(wire_.get("ftp://localhost/head/").status, 400);
  wire_.send("GET http://localhost/head/ HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  EXPECT_EQ(wire_.receive()->status, 200);
  EXPECT_EQ(wire_.get("http://evil.example/head/").status, 421) << "whatever Host says";
}

TEST_F(Http, AnswersSayWhenTheyWereMade) {
  const std::int64_t before = std::chrono::system_clock::now().time_since_epoch() / 1s * 1'000;
  for (const char* target : {"/health/live", "/nothing", "/events/"}) {
    const std::string date = wire_.get(target).header("date");
    std::int64_t time = before;
    const std::int64_t now = std::chrono::system_clock::now().time_since_epoch() / 1ms;
    while (time <= now && http_date(UnixMillis(time)) != date) time += 1'000;
    EXPECT_LE(time, now) << date;
  }
}

TEST_F(Http, OldRequestsCanBePipelinedIfTheyAskForMore) {
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

TEST_F(Http, AConnectionGoesOnAsItsClientWants) {
  EXPECT_EQ(wire_.ask("GET", "/health/live", "", "Connection: close\r\n").header("connection"), "close");
  EXPECT_TRUE(wire_.is_over());
  HttpWire old(port());
  old.send("GET /health/live HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(old.receive()->header("connection"), "keep-alive");
  old.send("GET /health/live HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.receive()->header("connection"), "close");
  EXPECT_TRUE(old.is_over());
}

TEST_F(Http, ConnectionsEndWithTheServer) {
  EXPECT_EQ(wire_.get("/health/live").status, 200);
  server_.stop();
  EXPECT_TRUE(wire_.is_over());
}

class ImpatientHttp : public Http {
 protected:
  ImpatientHttp() : Http({.http_timeout = 50ms}) {}
};

TEST_F(ImpatientHttp, WhoOwesTheRestOfARequestIsToldAndLetGo) {
  wire_.send("POST /order/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nproduct");
  EXPECT_EQ(wire_.receive()->status, 408);
  EXPECT_TRUE(wire_.is_over());
}

TEST_F(ImpatientHttp, WhoSaysNothingIsLetGo) { EXPECT_TRUE(wire_.is_over()); }

TEST(HttpLimits, AConnectionMayIdleLongerThanARequestMayTake) {
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

TEST(HttpLimits, AConnectionThatIdlesTooLongIsClosedQuietly) {
  RunningServer server({.http_idle_timeout = 50ms});
  HttpWire wire((*server).http_endpoint().port());
  EXPECT_EQ(wire.get("/health/live").header("keep-alive"), "timeout=0");
  EXPECT_TRUE(wire.is_over());
}

TEST(HttpLimits, ProbesAreAnsweredWhereClientsCrowd) {
  RunningServer server({.max_connections = 1});
  const auto client = server.connect();
  EXPECT_FALSE(server.connect_silently()->receive().has_value()) << "one client is all that is allowed";
  EXPECT_EQ(HttpWire((*server).http_endpoint().port()).get("/health/live").status, 200);
}

TEST(HttpLimits, CommandsAreRefusedWhereTheQueueIsFull) {
  RunningServer server({.writer = {.queue_limit = 0}});
  HttpWire wire((*server).http_endpoint().port());
  const HttpReply refused = wire.ask("POST", "/product/", "sku=A");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("retry-after"), "1");
}

}  // namespace
}  // namespace stockfold
