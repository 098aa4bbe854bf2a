// The REST interface over real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "server/another_life.h"
#include "server/http/fixture.h"
#include "server/world.h"

namespace stockfold {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

// ---- the straight line ------------------------------------------------------------------------------------

TEST_F(Http, RunsOrderFromPlacementToAbort) {
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

TEST_F(Http, PlacesAndFulfillsADraft) {
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

TEST_F(Http, ReceivesWritesOffAndRetiresProducts) {
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

TEST_F(Http, SharesLedgerWithTcpProtocol) {
  server_.connect()->execute(2, register_product("A", 1));
  EXPECT_EQ(wire_.ask("POST", "/order/", "product=A").status, 201);
  EXPECT_EQ(rule_of(server_.connect()->execute(2, place_next({{sku("A"), 1}}))), Rule::insufficient_stock);
}

TEST_F(Http, AcceptsOneOfRacingAborts) {
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

TEST_F(Http, KeepsOneOutcomePerIdempotencyKey) {
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

TEST_F(Http, ReportsWhenReplayedRefusalWasDecided) {
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

TEST_F(Http, ReplaysAnswerWithLinesAfterRestart) {
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

TEST_F(Http, ChecksExpectedVersion) {
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

TEST_F(Http, RefusesCommandFromAnotherLife) {
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
    EXPECT_THAT(refused.body, HasSubstr("names life " + before + " of the log, but the log is in life "));
  }
  const HttpReply seen = wire.ask("GET", "/order/7/", "", "If-None-Match: " + mine + "\r\n");
  EXPECT_EQ(seen.status, 200) << "what was seen in another life may be another order";
  EXPECT_THAT(seen.body, HasSubstr("\"status\":\"in_progress\""));
  EXPECT_EQ(wire.get("/order/8/").status, 404);
  EXPECT_EQ(ask("", "", "If-Match: " + seen.header("etag") + "\r\n").status, 200);
}

// ---- reads ------------------------------------------------------------------------------------------------

TEST_F(Http, ContinuesListsFromTheirCursor) {
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

TEST_F(Http, ReadsStateAtEarlierPosition) {
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

TEST_F(Http, WaitsForMinPositionOfARead) {
  given_product("A", 3);
  std::thread later([this] {
    HttpWire other(port());
    other.ask("POST", "/order/", "product=A");
  });
  EXPECT_THAT(wire_.get("/order/?min_position=2").body, HasSubstr(R"({"id":"1")"));
  later.join();
}

TEST(HttpReads, ReportThatPositionWasNotReached) {
  RunningServer server({.session = {.read = 50ms}});
  HttpWire wire((*server).http_endpoint().port());
  const HttpReply reply = wire.get("/product/A/?min_position=1000");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.header("retry-after"), "1");
  EXPECT_THAT(reply.body, StartsWith(R"({"type":"overloaded",)"));
}

TEST_F(Http, ListsEventsAsJsonLines) {
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

TEST_F(Http, ReportsLiveAndReadyToProbes) {
  EXPECT_EQ(wire_.get("/health/live").body, "{\"status\":\"live\"}\n");
  const HttpReply ready = wire_.get("/health/ready/?from=kubernetes");
  EXPECT_EQ(ready.status, 200);
  EXPECT_EQ(ready.header("content-type"), "application/json");
  EXPECT_EQ(ready.body, "{\"status\":\"ready\",\"position\":0,\"view_lag\":0}\n");
}

}  // namespace
}  // namespace stockfold
