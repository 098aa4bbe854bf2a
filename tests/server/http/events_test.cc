// Event streams and statements, over real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/another_life.h"
#include "server/http/wire.h"
#include "server/running_server.h"
#include "server/world.h"

namespace stockfold {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

/// What a program that follows events sees: one event after the other, as sent.
class EventStream {
 public:
  EventStream(std::uint16_t port, const std::string& target, const std::string& headers = "", int kept = 0)
      : wire_(port, kept) {
    head_ = wire_.ask("GET", target, "", headers);
  }

  [[nodiscard]] const HttpReply& head() const { return head_; }
  /// The next event with its end; "" if the stream ended well, "broken" if it did not.
  std::string next(const std::string& end) {
    while (text_.find(end) == std::string::npos) {
      const auto piece = wire_.piece();
      if (!piece) return "broken";
      if (piece->empty()) return "";
      text_ += *piece;
    }
    const std::size_t length = text_.find(end) + end.size();
    std::string event = text_.substr(0, length);
    text_.erase(0, length);
    return event;
  }
  /// The position in the next line that is not empty.
  std::uint64_t next_position() {
    std::string line = next("\n");
    while (line == "\n") line = next("\n");
    return line.starts_with('{') ? boost::json::parse(line).at("position").to_number<std::uint64_t>() : 0;
  }

 private:
  HttpWire wire_;
  HttpReply head_;
  std::string text_;
};

class HttpEvents : public testing::Test {
 protected:
  explicit HttpEvents(ServerOptions options = {}) : server_(std::move(options)) {}

  [[nodiscard]] std::uint16_t port() { return (*server_).http_endpoint().port(); }
  HttpReply ask(const std::string& method, const std::string& target, const std::string& body = "") {
    return HttpWire(port()).ask(method, target, body);
  }
  std::string life() {
    return std::string(boost::json::parse(ask("GET", "/head/").body).at("life").as_string());
  }
  /// The ledger is stopped, restored, and started.
  void given_another_life() {
    server_.stop();
    begin_another_life(server_.data());
    server_.start();
  }
  void given_product(const std::string& sku) {
    EXPECT_EQ(ask("POST", "/product/", "sku=" + sku + "&stock=100000").status, 201);
  }
  void given_orders(std::uint64_t count) {
    HttpWire wire(port());
    for (std::uint64_t i = 0; i < count; ++i) {
      EXPECT_EQ(wire.ask("POST", "/order/", "product=A").status, 201);
    }
  }

  RunningServer server_;
};

// ---- following --------------------------------------------------------------------------------------------

TEST_F(HttpEvents, AreFollowedAsJsonLines) {
  given_product("A");
  EventStream events(port(), "/events/?follow");
  EXPECT_EQ(events.head().status, 200);
  EXPECT_EQ(events.head().header("content-type"), "application/x-ndjson");
  EXPECT_EQ(events.head().header("transfer-encoding"), "chunked");
  EXPECT_EQ(events.head().header("connection"), "close");
  EXPECT_EQ(events.next("\n"), "\n") << "at once";
  EXPECT_EQ(events.next_position(), 1U);
  given_orders(2);
  EXPECT_EQ(events.next_position(), 2U);
  EXPECT_EQ(events.next_position(), 3U);
}

TEST_F(HttpEvents, AreServerSentWhenClientAcceptsThem) {
  given_product("A");
  EventStream events(port(), "/events/", "Accept: text/event-stream\r\n");
  EXPECT_EQ(events.head().header("content-type"), "text/event-stream");
  const std::string line = ask("GET", "/events/").body;
  EXPECT_EQ(events.next("\n\n"), ":\nid: " + life() + "@0\n\n") << "at once";
  EXPECT_EQ(events.next("\n\n"), "id: " + life() + "@1\ndata: " + line + "\n");
  given_orders(1);
  EXPECT_THAT(events.next("\n\n"), StartsWith("id: " + life() + "@2\ndata: {\"position\":2,"));
}

TEST_F(HttpEvents, ResumeAfterLastEventId) {
  given_product("A");
  given_orders(3);
  EventStream events(port(), "/events/?from=1",
                     "Accept: text/event-stream\r\nLast-Event-ID: " + life() + "@2\r\n");
  EXPECT_EQ(events.next("\n\n"), ":\nid: " + life() + "@2\n\n");
  EXPECT_THAT(events.next("\n\n"), StartsWith("id: " + life() + "@3\n"));
  EXPECT_EQ(ask("GET", "/events/?follow&limit=3").status, 400);
  const HttpReply refused = HttpWire(port()).ask("GET", "/events/?follow", "", "Last-Event-ID: x\r\n");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr("Last-Event-ID"));
}

TEST_F(HttpEvents, AreRefusedWhenPositionIsFromAnotherLife) {
  given_product("A");
  given_orders(1);
  const std::string before = life();
  given_another_life();
  const std::string now = life();
  EXPECT_EQ(now, before.substr(0, 8) + ".2");
  const HttpReply by_id = HttpWire(port()).ask(
      "GET", "/events/?from=1", "", "Accept: text/event-stream\r\nLast-Event-ID: " + before + "@1\r\n");
  EXPECT_EQ(by_id.status, 409);
  EXPECT_THAT(by_id.body, StartsWith(R"({"type":"another_life",)"));
  EXPECT_THAT(by_id.body, HasSubstr("names life " + before + " of the log, but the log is in life " + now));
  EXPECT_EQ(ask("GET", "/events/?follow&from=2&life=" + before).status, 409);
  EventStream goes_on(port(), "/events/?follow&from=2&life=" + now);
  EXPECT_EQ(goes_on.next_position(), 2U);
}

TEST_F(HttpEvents, OtherReadsAlsoRefusePositionsFromAnotherLife) {
  given_product("A");
  given_orders(3);
  const std::vector<std::string> pages = {"/order/?limit=1", "/order/?limit=1&at=3", "/events/?limit=1",
                                          "/product/A/explain/?limit=1"};
  std::vector<std::string> nexts;
  for (const std::string& page : pages) {
    const std::string link = ask("GET", page).header("link");
    nexts.push_back(page.substr(0, page.find('?')) + link.substr(1, link.find('>') - 1));
    EXPECT_EQ(ask("GET", nexts.back()).status, 200) << nexts.back();
  }
  const std::string before = life();
  given_another_life();
  for (const std::string& next : nexts) {
    const HttpReply reply = ask("GET", next);
    EXPECT_EQ(reply.status, 409) << next;
    EXPECT_THAT(reply.body, StartsWith(R"({"type":"another_life",)")) << next;
  }
  for (const char* target : {"/order/1/?min_position=1&life=", "/product/A/?at=1&life=", "/head/?life="}) {
    EXPECT_EQ(ask("GET", target + before).status, 409) << target;
    EXPECT_EQ(ask("GET", target + life()).status, 200) << target;
  }
  EXPECT_EQ(ask("GET", "/order/?cursor=2").status, 200) << "an id is of no life";
}

TEST_F(HttpEvents, AreReadUpToRequestedMoment) {
  given_product("A");
  given_orders(3);
  const std::string all = ask("GET", "/events/").body;
  const std::string first_two = ask("GET", "/events/?to=2").body;
  EXPECT_EQ(ask("GET", "/events/?at=2").body, first_two);
  EXPECT_EQ(ask("GET", "/events/?at=2&to=3").body, first_two);
  EXPECT_EQ(ask("GET", "/events/?at=99").body, all);
  EXPECT_EQ(ask("GET", "/events/?at=2000-01-01T00:00:00Z").body, "");
  EXPECT_EQ(ask("GET", "/events/?at=9999-01-01T00:00:00Z").body, all);
  EXPECT_EQ(ask("GET", "/events/?at=9999-01-01T00:00:00Z&to=2").body, first_two);
}

TEST_F(HttpEvents, AreFollowedOncePositionIsReached) {
  given_product("A");
  std::thread later([this] { given_orders(2); });
  EventStream events(port(), "/events/?follow&from=3&min_position=3");
  EXPECT_EQ(events.next_position(), 3U);
  later.join();
  const boost::json::value head = boost::json::parse(ask("GET", "/head/?min_position=3").body);
  EXPECT_EQ(head.at("position").to_number<std::uint64_t>(), 3U);
}

TEST_F(HttpEvents, AreNotFollowedFromBeyondEndOfLog) {
  given_product("A");
  const HttpReply bare = ask("GET", "/events/?follow&from=999999");
  EXPECT_EQ(bare.status, 400);
  EXPECT_THAT(bare.body, HasSubstr("position 999999 is beyond the end of the log, 1:"));
  const HttpReply of_this_life = ask("GET", "/events/?follow&from=3&life=" + life());
  EXPECT_EQ(of_this_life.status, 409);
  EXPECT_THAT(of_this_life.body, StartsWith(R"({"type":"another_life",)"));
  EXPECT_THAT(of_this_life.body, HasSubstr("position 3 is beyond the end of the log, 1:"));
  const HttpReply seen = HttpWire(port()).ask(
      "GET", "/events/", "", "Accept: text/event-stream\r\nLast-Event-ID: " + life() + "@7\r\n");
  EXPECT_EQ(seen.status, 409);
  EXPECT_EQ(ask("GET", "/events/?from=3&life=" + life()).status, 409) << "nor read";
  EXPECT_EQ(ask("GET", "/events/?from=2&life=" + life()).body, "");
  EventStream next(port(), "/events/?follow&from=2");
  given_orders(1);
  EXPECT_EQ(next.next_position(), 2U);
}

TEST(HttpEventsAheadOfLog, ReportThatPositionWasNotReached) {
  RunningServer server({.session = {.read = 50ms}});
  for (const char* target : {"/events/?follow&min_position=9", "/head/?min_position=9",
                             "/events/?at=9999-01-01T00:00:00Z&min_position=9"}) {
    const HttpReply reply = HttpWire((*server).http_endpoint().port()).get(target);
    EXPECT_EQ(reply.status, 503) << target;
    EXPECT_THAT(reply.body, HasSubstr("it is 9, and the log ends at 0")) << target;
  }
}

TEST_F(HttpEvents, AreFilteredByStreamAndType) {
  given_product("A");
  given_product("B");
  given_orders(1);
  EXPECT_EQ(ask("PUT", "/order/1/abort/").status, 200);
  EXPECT_EQ(ask("POST", "/product/B/receive/", "quantity=1").status, 200);
  EventStream of_b(port(), "/events/?follow&stream=product/B");
  EXPECT_EQ(of_b.next_position(), 2U);
  EXPECT_EQ(of_b.next_position(), 5U);
  EventStream aborted(port(), "/events/?follow&type=OrderAborted,StockReceived");
  EXPECT_EQ(aborted.next_position(), 4U);
  EXPECT_EQ(aborted.next_position(), 5U);
  EXPECT_THAT(ask("GET", "/events/?type=OrderPlaced").body, StartsWith(R"({"position":3,)"));
  EXPECT_THAT(ask("GET", "/events/?type=Order").body, HasSubstr("no type of events"));
}

TEST_F(HttpEvents, HaveNoGapsOrRepeatsDuringWrites) {
  given_product("A");
  constexpr std::uint64_t kOrders = 400;
  std::thread writer([this] { given_orders(kOrders); });
  EventStream events(port(), "/events/?follow");
  for (std::uint64_t position = 1; position <= kOrders + 1; ++position) {
    ASSERT_EQ(events.next_position(), position);
  }
  writer.join();
}

TEST_F(HttpEvents, EndCleanlyWhenLedgerStops) {
  given_product("A");
  EventStream events(port(), "/events/?follow");
  EXPECT_EQ(events.next_position(), 1U);
  server_.stop();
  EXPECT_EQ(events.next("\n"), "");
}

TEST_F(HttpEvents, TellProxiesNotToBuffer) {
  for (const char* headers : {"", "Accept: text/event-stream\r\n"}) {
    EventStream events(port(), "/events/?follow", headers);
    EXPECT_EQ(events.head().header("x-accel-buffering"), "no");
    EXPECT_EQ(events.head().header("cache-control"), "no-cache, no-transform");
  }
}

TEST_F(HttpEvents, AnswerHeadWithHeadersOnly) {
  HttpWire wire(port());
  wire.send("HEAD /events/?follow HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto head = wire.receive(/*to_head=*/true);
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->header("content-type"), "application/x-ndjson");
  EXPECT_TRUE(wire.is_over());
}

// ---- heartbeats -------------------------------------------------------------------------------------------

class HttpHeartbeats : public HttpEvents {
 protected:
  HttpHeartbeats() : HttpEvents({.http_heartbeat = 20ms}) {}
};

TEST_F(HttpHeartbeats, ReportPositionWhenFilterMatchesNothing) {
  given_product("A");
  EventStream events(port(), "/events/?type=OrderFulfilled", "Accept: text/event-stream\r\n");
  const std::string at = ":\nid: " + life() + "@";
  EXPECT_EQ(events.next("\n\n"), at + "0\n\n");
  given_orders(2);
  std::string heartbeat;
  while (heartbeat != at + "3\n\n") {
    heartbeat = events.next("\n\n");
    ASSERT_THAT(heartbeat, StartsWith(at));
  }
}

TEST_F(HttpHeartbeats, AreEmptyLinesUnlessClientRequestsPositions) {
  given_product("A");
  EventStream lines(port(), "/events/?follow&type=OrderFulfilled");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(lines.next("\n"), "\n");

  EventStream asked(port(), "/events/?follow&type=OrderFulfilled&heartbeat=true");
  const auto at = [this](int position) {
    return "{\"position\":" + std::to_string(position) + R"(,"type":"heartbeat","life":")" + life() + "\"}\n";
  };
  EXPECT_EQ(asked.next("\n"), at(0));
  std::string heartbeat;
  while (heartbeat != at(1)) {
    heartbeat = asked.next("\n");
    ASSERT_THAT(heartbeat, testing::AnyOf(at(0), at(1)));
  }
  given_orders(1);
  while (heartbeat == at(1)) heartbeat = asked.next("\n");
  EXPECT_EQ(heartbeat, at(2));
}

TEST_F(HttpHeartbeats, ComeOnlyBetweenWholeEvents) {
  given_product("A");
  EventStream events(port(), "/events/?follow&heartbeat=true");
  std::uint64_t last = 0;
  std::thread writer([this] { given_orders(200); });
  while (last < 201) {
    const std::uint64_t position = events.next_position();
    ASSERT_TRUE(position == last || position == last + 1) << position << " behind " << last;
    last = position;
  }
  writer.join();
}

TEST_F(HttpEvents, EndWhenARequestFollowsInSameWrite) {
  given_product("A");
  HttpWire wire(port());
  const std::string asked = "GET /events/?follow&from=2 HTTP/1.1\r\nHost: localhost\r\n\r\n";
  wire.send(asked + asked);
  ASSERT_TRUE(wire.receive().has_value());
  EXPECT_EQ(wire.piece(), "\n");
  EXPECT_EQ(wire.piece(), "");
  EXPECT_TRUE(wire.is_over());
}

TEST_F(HttpEvents, ContinueWhenOnlyAnEmptyLineFollows) {
  given_product("A");
  HttpWire wire(port());
  wire.send("GET /events/?follow HTTP/1.1\r\nHost: localhost\r\n\r\n\r\n");
  ASSERT_TRUE(wire.receive().has_value());
  EXPECT_EQ(wire.piece(), "\n");
  EXPECT_THAT(wire.piece().value_or(""), HasSubstr("ProductRegistered"));
}

class HttpConnectionLimit : public HttpEvents {
 protected:
  HttpConnectionLimit() : HttpEvents({.max_http_connections = 1}) {}
};

TEST_F(HttpConnectionLimit, RefusesSecondConnectionWithRetryAfter) {
  HttpWire first(port());
  EXPECT_EQ(first.get("/health/live").status, 200);
  HttpWire second(port());
  const HttpReply refused = second.get("/health/live");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("connection"), "close");
  EXPECT_EQ(refused.header("retry-after"), "1");
  EXPECT_THAT(refused.body, HasSubstr("overloaded"));
  EXPECT_TRUE(second.is_over());
}

class HttpSlowFollower : public HttpEvents {
 protected:
  HttpSlowFollower() : HttpEvents({.http_timeout = 500ms}) {}
};

TEST_F(HttpSlowFollower, IsClosedWhenItReadsNothing) {
  given_product("A");
  EventStream deaf(port(), "/events/?follow", "", 16 << 10);
  constexpr std::uint64_t kProducts = 200;
  constexpr std::uint64_t kOrders = 80;  // 20 KiB each
  {
    HttpWire wire(port());
    std::string lines;
    for (std::uint64_t i = 0; i < kProducts; ++i) {
      const std::string sku = "P" + std::to_string(i);
      EXPECT_EQ(wire.ask("POST", "/product/", "sku=" + sku + "&stock=1000").status, 201);
      lines.append(i == 0 ? "line=" : "&line=").append(sku);
    }
    for (std::uint64_t i = 0; i < kOrders; ++i) EXPECT_EQ(wire.ask("POST", "/order/", lines).status, 201);
  }
  EventStream quick(port(), "/events/?follow");
  for (std::uint64_t position = 1; position <= 1 + kProducts + kOrders; ++position) {
    ASSERT_EQ(quick.next_position(), position) << "a client that reads stays connected";
  }
  const auto let_go = [this] {
    const std::string metrics = ask("GET", "/metrics").body;
    return metrics.contains(
        "stockfold_connections_let_go_total{protocol=\"http\",reason=\"not_reading\"} 1\n");
  };
  while (!let_go()) std::this_thread::sleep_for(20ms);
  std::uint64_t last = 0;
  for (std::uint64_t position = 0; (position = deaf.next_position()) != 0; last = position) {
    ASSERT_EQ(position, last + 1);
  }
  EXPECT_LT(last, 1 + kProducts + kOrders);
  EventStream again(port(), "/events/?follow&from=" + std::to_string(last + 1));
  EXPECT_EQ(again.next_position(), last + 1);
}

// ---- statements -------------------------------------------------------------------------------------------

std::vector<std::string> entries_of(const std::string& lines) {
  std::vector<std::string> entries;
  for (std::size_t begin = 0; begin < lines.size();) {
    const std::size_t end = lines.find('\n', begin);
    const boost::json::value entry = boost::json::parse(lines.substr(begin, end - begin));
    std::string text(entry.at("entry").as_string());
    for (const char* name : {"from", "position", "to", "balance", "status"}) {
      const auto* value = entry.as_object().if_contains(name);
      if (value != nullptr) text += " " + boost::json::serialize(*value);
    }
    entries.push_back(std::move(text));
    begin = end + 1;
  }
  return entries;
}

TEST_F(HttpEvents, ExplainAProduct) {
  given_product("A");
  given_orders(2);
  EXPECT_EQ(ask("PUT", "/order/1/abort/").status, 200);
  const HttpReply whole = ask("GET", "/product/A/explain/");
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(whole.header("content-type"), "application/x-ndjson");
  EXPECT_EQ(whole.header("link"), "");
  EXPECT_THAT(entries_of(whole.body), ElementsAre("opening 1 0", "movement 1 100000", "movement 2 99999",
                                                  "movement 3 99998", "movement 4 99999", "closing 4 99999"));

  const HttpReply page = ask("GET", "/product/A/explain/?limit=2");
  EXPECT_EQ(page.header("link"), "<?limit=2&from=3&life=" + life() + ">; rel=\"next\"");
  EXPECT_THAT(entries_of(page.body),
              ElementsAre("opening 1 0", "movement 1 100000", "movement 2 99999", "closing 2 99999"));
  EXPECT_THAT(entries_of(ask("GET", "/product/A/explain/?limit=2&from=3").body),
              ElementsAre("opening 3 99999", "movement 3 99998", "movement 4 99999", "closing 4 99999"));
  EXPECT_THAT(entries_of(ask("GET", "/product/A/explain/?at=2").body),
              ElementsAre("opening 1 0", "movement 1 100000", "movement 2 99999", "closing 2 99999"));
  EXPECT_THAT(entries_of(ask("GET", "/product/A/explain/?from=9").body),
              ElementsAre("opening 9 99999", "closing 4 99999"));
  EXPECT_THAT(entries_of(ask("GET", "/product/A/explain/?at=2000-01-01T00:00:00Z").body),
              ElementsAre("opening 1 0", "closing 0 0"));
  EXPECT_THAT(entries_of(ask("GET", "/product/A/explain/?from=2000-01-01T00:00:00Z&at=1").body),
              ElementsAre("opening 1 0", "movement 1 100000", "closing 1 100000"));
}

TEST_F(HttpEvents, ExplainAnOrder) {
  given_product("A");
  EXPECT_EQ(ask("POST", "/order/", "product=A&draft=true&id=7").status, 201);
  EXPECT_EQ(ask("POST", "/order/7/place/").status, 200);
  EXPECT_EQ(ask("PUT", "/order/7/fulfil/").status, 200);
  EXPECT_THAT(entries_of(ask("GET", "/order/7/explain/").body),
              ElementsAre("opening 1 null", "event 2 \"draft\"", "event 3 \"in_progress\"",
                          "event 4 \"fulfilled\"", "closing 4 \"fulfilled\""));
  const HttpReply page = ask("GET", "/order/7/explain/?from=3&limit=1");
  EXPECT_EQ(page.header("link"), "<?limit=1&from=4&life=" + life() + ">; rel=\"next\"");
  EXPECT_THAT(entries_of(page.body),
              ElementsAre("opening 3 \"draft\"", "event 3 \"in_progress\"", "closing 3 \"in_progress\""));
}

TEST_F(HttpEvents, RefuseToExplainWhatDoesNotExist) {
  EXPECT_EQ(ask("GET", "/product/A/explain/").status, 404);
  EXPECT_THAT(ask("GET", "/order/7/explain/").body, StartsWith(R"({"type":"unknown_order",)"));
  EXPECT_EQ(ask("GET", "/order/7/explain/?to=3").status, 400);
  EXPECT_EQ(ask("POST", "/order/7/explain/").status, 405);
}

TEST_F(HttpEvents, HeadIsServedWithItsHash) {
  given_product("A");
  const boost::json::value head = boost::json::parse(ask("GET", "/head/").body);
  EXPECT_EQ(head.at("position").to_number<std::uint64_t>(), 1U);
  EXPECT_EQ(head.at("hash").as_string().size(), 64U);
  EXPECT_EQ(head.at("ledger").as_string().size(), 36U);
  EXPECT_EQ(ask("GET", "/head/?at=1").status, 400);
}

}  // namespace
}  // namespace stockfold
