// The meaning of requests, and the faults of meaningless ones: tables, without sockets.
#include "server/http/route.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/http/headers.h"
#include "server/http/requests.h"
#include "server/http/target.h"
#include "server/world.h"

namespace stockfold {
namespace {

namespace http = boost::beast::http;
using testing::HasSubstr;

// ---- commands ---------------------------------------------------------------------------------------------

TEST(HttpRoute, MapsRequestsToCommands) {
  const Lines one{{sku("A"), 1}};
  const struct {
    std::string method;
    std::string target;
    std::string body;
    CommandBody expected;
  } kCases[] = {
      {"POST", "/order/", "product=A", PlaceOrder{std::nullopt, one}},
      {"POST", "/order", R"({"product":"A"})", PlaceOrder{std::nullopt, one}},
      {"POST", "/order/", "product=A&quantity=3&id=7", PlaceOrder{order_id("7"), {{sku("A"), 3}}}},
      {"POST", "/order/", "line=B=2&line=A", PlaceOrder{std::nullopt, {{sku("A"), 1}, {sku("B"), 2}}}},
      {"POST", "/order/", R"({"lines":[{"sku":"B","quantity":2},{"sku":"A"}]})",
       PlaceOrder{std::nullopt, {{sku("A"), 1}, {sku("B"), 2}}}},
      {"POST", "/order/", R"({"product":"A","draft":true})", DraftOrder{std::nullopt, one}},
      {"POST", "/order/", "product=A&draft=on", DraftOrder{std::nullopt, one}},
      {"POST", "/order/", R"({"product":"A","draft":false,"id":null})", PlaceOrder{std::nullopt, one}},
      {"POST", "/order/", R"({"product":1,"quantity":"3","id":7})",
       PlaceOrder{order_id("7"), {{sku("1"), 3}}}},
      {"POST", "/order/", R"({"product":"A","quantity":2.0})", PlaceOrder{std::nullopt, {{sku("A"), 2}}}},
      {"POST", "/order/", R"({"product":"A","quantity":2e0})", PlaceOrder{std::nullopt, {{sku("A"), 2}}}},
      {"POST", "/order/", R"({"product":"A","quantity":"2.0"})", PlaceOrder{std::nullopt, {{sku("A"), 2}}}},
      {"POST", "/order/", R"({"product":"A","draft":"true"})", DraftOrder{std::nullopt, one}},
      {"POST", "/order/", "product=A&draft=True", DraftOrder{std::nullopt, one}},
      {"POST", "/order/", R"({"product":"A","draft":"0"})", PlaceOrder{std::nullopt, one}},
      {"POST", "/order/", R"({"order":"7","product":"A"})", PlaceOrder{order_id("7"), one}},
      {"POST", "/order/", R"({"lines":[{"product":"A"},{"sku":1,"product":"1","quantity":"2"}]})",
       PlaceOrder{std::nullopt, {{sku("1"), 2}, {sku("A"), 1}}}},
      {"POST", "/order/", R"({"product":"A","lines":[{"sku":"A","quantity":2}]})",
       PlaceOrder{std::nullopt, {{sku("A"), 2}}}},
      {"POST", "/order/", "lines[0][sku]=B&lines[0][quantity]=2&lines%5B1%5D%5Bproduct%5D=A",
       PlaceOrder{std::nullopt, {{sku("A"), 1}, {sku("B"), 2}}}},
      {"POST", "/order/", R"(lines=[{"sku":"B","quantity":2}])", PlaceOrder{std::nullopt, {{sku("B"), 2}}}},
      {"POST", "/order/", "line[]=B=2&line[]=A", PlaceOrder{std::nullopt, {{sku("A"), 1}, {sku("B"), 2}}}},
      {"POST", "/order/", "product=A&id=&quantity=&draft=&actor=", PlaceOrder{std::nullopt, one}},
      {"POST", "/order/?format=json", "product=A&csrfmiddlewaretoken=t0k", PlaceOrder{std::nullopt, one}},
      {"POST", "/order/7/place/", "", PlaceOrder{order_id("7"), {}}},
      {"POST", "/order/7/abort/", "", AbortOrder{order_id("7"), ""}},
      {"POST", "/order/7/fulfil/", "reason=sent", FulfilOrder{order_id("7"), "sent"}},
      {"PUT", "/order/7/fulfill/", "", FulfilOrder{order_id("7"), ""}},
      {"POST", "/order/../abort/", "", AbortOrder{order_id(".."), ""}},
      {"PUT", "/order/7/abort/", "", AbortOrder{order_id("7"), ""}},
      {"PATCH", "/order/a%3a7/abort", R"({"reason":"over"})", AbortOrder{order_id("a:7"), "over"}},
      {"POST", "/order/7/abort/", "_method=PUT&reason=%C3%BCber+it", AbortOrder{order_id("7"), "über it"}},
      {"POST", "/order/7/abort/?_method=PATCH", "", AbortOrder{order_id("7"), ""}},
      {"PUT", "http://shop.example/order/7/fulfil/", "reason=sent", FulfilOrder{order_id("7"), "sent"}},
      {"POST", "/product/", R"({"sku":"A","name":"Anvil","stock":2})", RegisterProduct{sku("A"), "Anvil", 2}},
      {"POST", "/product/", "sku=A", RegisterProduct{sku("A"), "", 0}},
      {"POST", "/product/A/receive/", "quantity=5&reason=x", ReceiveStock{sku("A"), 5, "x"}},
      {"POST", "/product/A/write-off/", R"({"quantity":5})", WriteOffStock{sku("A"), 5, ""}},
      {"POST", "/product/A/retire/", "", RetireProduct{sku("A")}},
  };
  for (const auto& [method, target, body, expected] : kCases) {
    EXPECT_EQ(command_of(http_request(method, target, body)).body, expected)
        << method << " " << target << " " << body;
  }
}

TEST(HttpRoute, ReadsAnyIdInThePath) {
  for (const std::string id : {"Schraube M8/40", "T-Shirt rot #3", "M\xC3\xBCtze", "A&B+C=D", "100 %", "a?b",
                               "-", "a/../b", "/", "\"5\" x", "a@b", "../x"}) {
    const std::string path = "/product/" + encoded_segment(id) + "/";
    EXPECT_EQ(question_of(path).request, (Request{ShowProduct{sku(id), {}}})) << path;
    EXPECT_EQ(command_of(http_request("POST", path + "retire/")).body, (CommandBody{RetireProduct{sku(id)}}));
  }
  EXPECT_EQ(question_of("/product/M\xC3\xBCtze/").request, (Request{ShowProduct{sku("M\xC3\xBCtze"), {}}}));
  EXPECT_EQ(question_of("/product/1+1/").request, (Request{ShowProduct{sku("1+1"), {}}}));
}

TEST(HttpRoute, ReadsTheIdInTheQueryWhereThePathHasADash) {
  const std::string query = "?id=Schraube%20M8/40";
  const Sku screw = sku("Schraube M8/40");
  const OrderId order = order_id("Schraube M8/40");
  EXPECT_EQ(question_of("/product/-/" + query).request, (Request{ShowProduct{screw, {}}}));
  EXPECT_EQ(question_of("/product/-" + query + "&stale").request,
            (Request{ShowProduct{screw, {std::nullopt, true}}}));
  EXPECT_EQ(question_of("/order/-/" + query).request, (Request{ShowOrderHistory{order, {}}}));
  const std::pair<std::string, CommandBody> kCommands[] = {
      {"/product/-/receive/", ReceiveStock{screw, 5, ""}},
      {"/product/-/write-off/", WriteOffStock{screw, 5, ""}},
      {"/product/-/retire/", RetireProduct{screw}},
      {"/order/-/place/", PlaceOrder{order, {}}},
      {"/order/-/abort/", AbortOrder{order, ""}},
      {"/order/-/fulfil/", FulfilOrder{order, ""}},
      {"/order/-/fulfill/", FulfilOrder{order, ""}},
  };
  for (const auto& [path, body] : kCommands) {
    const bool has_quantity = path.contains("receive") || path.contains("write-off");
    EXPECT_EQ(command_of(http_request("POST", path + query, has_quantity ? "quantity=5" : "")).body, body)
        << path;
  }
  const HttpAsk explained = route(http_request("GET", "/product/-/explain/" + query + "&limit=1")).ask;
  ASSERT_TRUE(std::holds_alternative<HttpExplain>(explained));
  EXPECT_EQ(std::get<HttpExplain>(explained).what.subject, StreamId::of(screw));
  EXPECT_EQ(std::get<HttpExplain>(explained).next_page, "?id=Schraube%20M8/40&limit=1&from=");
}

TEST(HttpRoute, ReachesTheIdThatIsADash) {
  EXPECT_EQ(question_of("/product/-/").request, (Request{ShowProduct{sku("-"), {}}}));
  EXPECT_EQ(question_of("/product/-/?id=").request, (Request{ShowProduct{sku("-"), {}}}));
  EXPECT_EQ(question_of("/product/-/?id=-").request, (Request{ShowProduct{sku("-"), {}}}));
  EXPECT_EQ(command_of(http_request("PUT", "/order/-/abort/")).body,
            (CommandBody{AbortOrder{order_id("-"), ""}}));
}

TEST(HttpRoute, RefusesAnIdInTheQueryBesideOneInThePath) {
  for (const std::string target : {"/product/A/?id=B", "/product/A/?id=A", "/order/?id=7",
                                   "/product/-/?id=A&id=B", "/order/-/explain/?id=A&id=A"}) {
    EXPECT_THAT(problem_of(http_request("GET", target)).detail, HasSubstr("id: ")) << target;
  }
  EXPECT_THAT(problem_of(http_request("PUT", "/order/7/abort/?id=8")).detail,
              HasSubstr("id: unknown parameter"));
  EXPECT_THAT(problem_of(http_request("PUT", "/order/-/abort/?id=%0A")).detail,
              HasSubstr("the id in the path"));
}

TEST(HttpRoute, ComparesTheIdInTheBodyWithThatInTheQuery) {
  EXPECT_EQ(command_of(http_request("PUT", "/order/-/abort/?id=a/b", R"({"id":"a/b"})")).body,
            (CommandBody{AbortOrder{order_id("a/b"), ""}}));
  EXPECT_THAT(problem_of(http_request("PUT", "/order/-/abort/?id=a/b", R"({"id":"-"})")).detail,
              HasSubstr("field id: is -, but the path names a/b"));
}

TEST(HttpRoute, AcceptsMethodOverrideHeader) {
  const auto request = http_request("POST", "/order/7/abort/", "", {{"X-HTTP-Method-Override", "PUT"}});
  EXPECT_EQ(command_of(request).body, (CommandBody{AbortOrder{order_id("7"), ""}}));
}

TEST(HttpRoute, ReadsCommandIdAndVersionFromHeaders) {
  const std::string uuid = "00112233-4455-6677-8899-aabbccddeeff";
  const auto command = command_of(http_request("PUT", "/order/7/abort/", "actor=alice",
                                               {{"Idempotency-Key", uuid}, {"If-Match", "\"3\""}}));
  EXPECT_EQ(command.actor, "alice");
  EXPECT_EQ(to_uuid(command.identity->id.bytes), uuid);
  EXPECT_EQ(command.expected, ExpectedVersion::exactly(StreamVersion(3)));
  const auto expected = [](const std::string& header, const std::string& value) {
    return command_of(http_request("PUT", "/order/7/abort/", "", {{header, value}})).expected;
  };
  EXPECT_EQ(expected("If-Match", "*"), ExpectedVersion::any());
  EXPECT_EQ(expected("If-None-Match", "*"), ExpectedVersion::no_stream());
  EXPECT_EQ(expected("X-Other", "1"), ExpectedVersion::any());
}

TEST(HttpRoute, HashesIdempotencyKeyThatIsNoUuid) {
  const CommandId id{*parse_uuid("00112233-4455-6677-8899-aabbccddeeff")};
  EXPECT_EQ(command_id_of("00112233-4455-6677-8899-AABBCCDDEEFF"), id);
  EXPECT_EQ(command_id_of("\"00112233-4455-6677-8899-aabbccddeeff\""), id) << "as structured headers have it";
  // printf %s 'checkout 17' | sha256sum
  EXPECT_EQ(to_uuid(command_id_of("checkout 17").bytes), "57c1c8a6-2bb1-9e3a-3836-0e37d5b61a9e");
}

TEST(HttpRoute, RefusesNilUuidKeyInEveryNotation) {
  for (const std::string key :
       {"00000000-0000-0000-0000-000000000000", "\"00000000-0000-0000-0000-000000000000\"",
        "{00000000-0000-0000-0000-000000000000}", "urn:uuid:00000000-0000-0000-0000-000000000000",
        "00000000000000000000000000000000"}) {
    const auto problem = problem_of(http_request("PUT", "/order/7/abort/", "", {{"Idempotency-Key", key}}));
    EXPECT_EQ(problem.status, http::status::bad_request);
    EXPECT_THAT(problem.detail, HasSubstr("Idempotency-Key: an id of all zeros was never drawn")) << key;
  }
  for (const std::string key :
       {"ffffffff-ffff-ffff-ffff-ffffffffffff", "URN:UUID:FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"}) {
    const auto problem = problem_of(http_request("PUT", "/order/7/abort/", "", {{"Idempotency-Key", key}}));
    EXPECT_THAT(problem.detail, HasSubstr("Idempotency-Key: an id of all ones was never drawn")) << key;
  }
  for (const std::string key :
       {"0", "00000000-0000-0000-0000-000000000001", "00000000000000000000000000000001"}) {
    EXPECT_TRUE(command_of(http_request("PUT", "/order/7/abort/", "", {{"Idempotency-Key", key}})).identity);
  }
}

TEST(HttpRoute, NamesMalformedHeader) {
  const std::vector<std::vector<std::pair<std::string, std::string>>> kCases = {
      {{"Idempotency-Key", ""}},
      {{"Idempotency-Key", std::string(256, 'k')}},
      {{"If-Match", "3"}},
      {{"If-Match", "\"3\", \"4\""}},
      {{"If-Match", "\"3@x\""}},
      {{"If-Match", "\"3@3f2a91c0.1\", \"3@3f2a91c0.2\""}},
      {{"If-Match", "\"3\""}, {"If-Match", "\"4\""}},
      {{"If-Match", "*"}, {"If-Match", "\"3\""}},
      {{"If-None-Match", "*"}, {"If-None-Match", "*"}},
      {{"Idempotency-Key", "a"}, {"Idempotency-Key", "b"}},
      {{"If-None-Match", "\"3\""}},
      {{"If-Match", "\"3\""}, {"If-None-Match", "*"}},
  };
  for (const auto& headers : kCases) {
    const HttpProblem problem = problem_of(http_request("PUT", "/order/7/abort/", "", headers));
    EXPECT_EQ(problem.status, http::status::bad_request);
    EXPECT_THAT(problem.detail, HasSubstr(headers.front().first));
  }
}

TEST(HttpRoute, AcceptsEntityTagsAsProxiesRewriteThem) {
  const auto expected = [](std::vector<std::string> lines) {
    std::vector<std::pair<std::string, std::string>> headers;
    for (std::string& line : lines) headers.emplace_back("If-Match", std::move(line));
    return command_of(http_request("PUT", "/order/7/abort/", "", headers)).expected;
  };
  for (const std::string tag :
       {"\"3\"", "W/\"3\"", "\"3-gzip\"", "\"3--gzip\"", "\"3;gzip\"", "W/\"3-br\"", "\"3@3f2a91c0.1\"",
        "W/\"3@3f2a91c0.1-gzip\"", "\"3\", \"3\"", ",\"3\" ,\t\"3@3f2a91c0.1\","}) {
    EXPECT_EQ(expected({tag}), ExpectedVersion::exactly(StreamVersion(3))) << tag;
  }
  EXPECT_EQ(expected({"\"3\"", "W/\"3\""}), ExpectedVersion::exactly(StreamVersion(3)));
}

TEST(HttpRoute, ReadsLifeOfCommand) {
  const std::string life = "3f2a91c0.2";
  const auto named_by = [](const HttpRequest& request) { return life_in(route(request).ask); };
  EXPECT_EQ(named_by(http_request("PUT", "/order/7/abort/?life=" + life)), life);
  EXPECT_EQ(named_by(http_request("PUT", "/order/7/abort/", "life=" + life)), life);
  EXPECT_EQ(named_by(http_request("PUT", "/order/7/abort/", R"({"life":"3f2a91c0.2"})")), life);
  EXPECT_EQ(named_by(http_request("PUT", "/order/7/abort/", "", {{"Stockfold-Life", life}})), life);
  EXPECT_EQ(named_by(http_request("PUT", "/order/7/abort/", "", {{"If-Match", "\"3@3f2a91c0.2-gzip\""}})),
            life);
  EXPECT_EQ(named_by(http_request("GET", "/order/7/", "", {{"Stockfold-Life", life}})), life);
  EXPECT_EQ(
      named_by(http_request("PUT", "/order/7/abort/?life=" + life, "", {{"If-Match", "\"3@3f2a91c0.2\""}})),
      life);
  EXPECT_EQ(named_by(http_request("PUT", "/order/7/abort/")), "");
  EXPECT_THAT(problem_of(http_request("PUT", "/order/7/abort/?life=3f2a91c0.3", "life=" + life)).detail,
              HasSubstr("life: both 3f2a91c0.2 and 3f2a91c0.3 are named"));
  for (const std::string target :
       {"/order/7/abort/?life=x", "/order/7/abort/?life=3f2a91c0.2&life=3f2a91c0.2"}) {
    EXPECT_EQ(problem_of(http_request("PUT", target)).type, "invalid_argument") << target;
  }
}

// ---- questions --------------------------------------------------------------------------------------------

TEST(HttpRoute, MapsRequestsToReads) {
  const Freshness at_least{.min_position = GlobalPosition(5), .stale = false};
  const struct {
    std::string target;
    Request expected;
  } kCases[] = {
      {"/order/7/", ShowOrderHistory{order_id("7"), {}}},
      {"/order/7?min_position=5", ShowOrderHistory{order_id("7"), at_least}},
      {"/product/A/?stale=true", ShowProduct{sku("A"), {std::nullopt, true}}},
      {"/product/A/?stale=0", ShowProduct{sku("A"), {}}},
      {"/product/A/?at=9", At{GlobalPosition(9), ShowProduct{sku("A"), {}}}},
      {"/order/7/?at=1970-01-01T01:00:01%2B01:00",
       At{UnixMillis(1'000), ShowOrderHistory{order_id("7"), {}}}},
      {"/order/7/?at=1970-01-01T01:00:01+01:00", At{UnixMillis(1'000), ShowOrderHistory{order_id("7"), {}}}},
      {"/order/", ListOrders{.limit = 100}},
      {"/order/?status=AB&product=A&limit=7&cursor=30",
       ListOrders{.from = order_id("30"), .limit = 7, .status = OrderStatus::aborted, .product = sku("A")}},
      {"/order/?status=in_progress", ListOrders{.limit = 100, .status = OrderStatus::in_progress}},
      {"/order/?cursor=&status=&product=&limit=&at=&format=json", ListOrders{.limit = 100}},
      {"/order/?cursor=3f2a91c0.2@30", ListOrders{.from = order_id("30"), .limit = 100}},
      {"/order/?cursor=3f2a91c0.2@42@30",
       At{GlobalPosition(42), ListOrders{.from = order_id("30"), .limit = 100}}},
      {"/order/?cursor=a@b", ListOrders{.from = order_id("a@b"), .limit = 100}},
      {"/order/?cursor=3f2a91c0.2@@a@b", ListOrders{.from = order_id("a@b"), .limit = 100}},
      {"/order/?cursor=3f2a91c0.2@42@a@b",
       At{GlobalPosition(42), ListOrders{.from = order_id("a@b"), .limit = 100}}},
      {"/product?limit=1000", ListProducts{.limit = 1'000}},
      {"/product/?at=3", At{GlobalPosition(3), ListProducts{.limit = 100}}},
      {"/events/", ReadEvents{.limit = 100}},
      {"/events/?from=4&to=9&stream=product/A&limit=2",
       ReadEvents{
           .from = GlobalPosition(4), .to = GlobalPosition(9), .stream = StreamId::of(sku("A")), .limit = 2}},
      {"/events/?at=9", ReadEvents{.to = GlobalPosition(9), .limit = 100}},
      {"/events/?at=9&to=8", ReadEvents{.to = GlobalPosition(8), .limit = 100}},
      {"/events/?at=1970-01-01T00:00:01Z", ReadEvents{.limit = 100}},
      {"/head/?min_position=5", ShowHead{}},
  };
  for (const auto& [target, expected] : kCases) {
    EXPECT_EQ(question_of(target).request, expected) << target;
  }
}

TEST(HttpRoute, KeepsQueryForNextPage) {
  EXPECT_EQ(question_of("/order?status=PR&cursor=3&limit=2").next_page, "?status=PR&limit=2&cursor=");
  EXPECT_EQ(question_of("/events/?stream=order%2f1&from=5").next_page, "?stream=order/1&from=");
  EXPECT_EQ(question_of("/events/?life=3f2a91c0.2&limit=5").next_page, "?limit=5&from=");
  EXPECT_EQ(question_of("/order/7/").next_page, "");
}

TEST(HttpRoute, ReadsLifeOfPositionsInReads) {
  const std::string life = "3f2a91c0.2";
  for (const std::string target :
       {"/order/7/?min_position=5&life=", "/product/?at=5&life=", "/events/?from=5&life=",
        "/events/?follow&from=5&life=", "/product/A/explain/?from=5&life=", "/head/?life="}) {
    EXPECT_EQ(life_in(route(http_request("GET", target + life)).ask), life) << target;
  }
  EXPECT_EQ(life_in(route(http_request("GET", "/order/?cursor=3f2a91c0.2@30")).ask), life);
  EXPECT_EQ(life_in(route(http_request("GET", "/order/?cursor=3f2a91c0.2@42@30&life=3f2a91c0.2")).ask), life);
  EXPECT_EQ(life_in(route(http_request("GET", "/order/?cursor=30")).ask), "");
  EXPECT_EQ(life_in(route(http_request("PUT", "/order/7/abort/")).ask), "");
}

TEST(HttpRoute, ResumesAfterLastEventId) {
  const HttpAsk ask =
      route(http_request("GET", "/events/?follow&from=1", "", {{"Last-Event-ID", "3f2a91c0.2@7"}})).ask;
  const auto* follow = std::get_if<HttpFollow>(&ask);
  ASSERT_NE(follow, nullptr);
  EXPECT_EQ(follow->what.events.from, GlobalPosition(8));
  EXPECT_EQ(follow->life, "3f2a91c0.2");
  for (const std::string id : {"7", "3f2a91c0.2@", "3f2a91c0.2", "@7", "3f2a91c0.2@x", ""}) {
    const HttpProblem problem =
        problem_of(http_request("GET", "/events/?follow", "", {{"Last-Event-ID", id}}));
    EXPECT_THAT(problem.detail, HasSubstr("Last-Event-ID")) << id;
  }
}

TEST(HttpRoute, ReadsPositionToWaitFor) {
  const auto waits_for = [](std::string_view target) { return question_of(target).wait_for; };
  EXPECT_EQ(waits_for("/head/?min_position=5"), GlobalPosition(5));
  EXPECT_EQ(waits_for("/head/?min_position=5&stale"), GlobalPosition(0));
  EXPECT_EQ(waits_for("/events/?at=1970-01-01T00:00:01Z&min_position=5"), GlobalPosition(5));
  EXPECT_EQ(question_of("/events/?at=1970-01-01T00:00:01Z").until, UnixMillis(1'000));
  const HttpAsk ask = route(http_request("GET", "/events/?follow&min_position=5")).ask;
  EXPECT_EQ(std::get<HttpFollow>(ask).wait_for, GlobalPosition(5));
}

TEST(HttpRoute, NamesInvalidParameterOfRead) {
  const struct {
    std::string target;
    std::string named;
  } kCases[] = {
      {"/order/?limit=0", "limit"},
      {"/order/?limit=1001", "limit"},
      {"/order/?limit=1&limit=2", "limit"},
      {"/order/?status=lost", "status"},
      {"/order/?product=A%20", "product"},
      {"/order/?cursor=3f2a91c0.2@x@1", "cursor"},
      {"/order/?cursor=3f2a91c0.2@1@", "cursor"},
      {"/order/?cursor=3f2a91c0.2@30&life=3f2a91c0.1", "life"},
      {"/order/7/?life=2", "life"},
      {"/order/7/?life=3f2a91c0.0", "life"},
      {"/order/7/?life=3F2A91C0.1", "life"},
      {"/order/?colour=red", "colour: unknown or repeated parameter"},
      {"/order/7/?limit=1", "limit"},
      {"/order/7/?at=yesterday", "at"},
      {"/order/7/?at=1&stale", "stale"},
      {"/order/7/?stale=maybe", "stale"},
      {"/order/%00/", "the id in the path"},
      {"/events/?stream=A", "stream"},
      {"/events/?follow&at=1", "at"},
      {"/events/?at=soon", "at"},
      {"/head/?at=1", "at"},
      {"/order/%", "two hexadecimal digits"},
  };
  for (const auto& [target, named] : kCases) {
    const HttpProblem problem = problem_of(http_request("GET", target));
    EXPECT_EQ(problem.status, http::status::bad_request) << target;
    EXPECT_THAT(problem.detail, HasSubstr(named)) << target;
  }
}

// ---- the rest ---------------------------------------------------------------------------------------------

TEST(HttpRoute, ReturnsNotFoundForUnknownPath) {
  for (const std::string target :
       {"/orders/", "/assets/", "/order/7/explode/", "/order/7/abort/now/", "//order/", "/order//",
        "/order//abort/", "/health", "/product/A/abort/"}) {
    EXPECT_EQ(problem_of(http_request("GET", target)).status, http::status::not_found) << target;
    EXPECT_EQ(problem_of(http_request("POST", target, "x=1")).status, http::status::not_found) << target;
  }
}

TEST(HttpRoute, RefusesOtherMethodsAndListsAllowedOnes) {
  const struct {
    std::string method;
    std::string target;
    std::string allow;
  } kCases[] = {
      {"PUT", "/order/", "GET, HEAD, POST, OPTIONS"},
      {"DELETE", "/order/7/", "GET, HEAD, OPTIONS"},
      {"GET", "/order/7/abort/", "POST, PUT, PATCH, OPTIONS"},
      {"P", "/order/7/abort/", "POST, PUT, PATCH, OPTIONS"},
      {"HEAD", "/product/A/retire/", "POST, OPTIONS"},
      {"POST", "/health/live", "GET, HEAD, OPTIONS"},
  };
  for (const auto& [method, target, allow] : kCases) {
    const HttpProblem problem = problem_of(http_request(method, target));
    EXPECT_EQ(problem.status, http::status::method_not_allowed) << method << " " << target;
    EXPECT_EQ(problem.allow, allow);
    EXPECT_EQ(route(http_request("OPTIONS", target)).ask, HttpAsk(HttpMethods{allow}));
  }
}

TEST(HttpRoute, MapsHeadLikeGet) {
  EXPECT_EQ(route(http_request("HEAD", "/order/7/")).ask, HttpAsk(question_of("/order/7/")));
  EXPECT_EQ(route(http_request("HEAD", "/health/ready/")).ask, HttpAsk(HttpProbe::ready));
}

TEST(HttpRoute, RequiresExactlyOneHostHeader) {
  HttpRequest request = http_request("GET", "/health/live");
  request.erase(http::field::host);
  EXPECT_EQ(problem_of(request).status, http::status::bad_request);
  request.version(10);
  EXPECT_EQ(route(request).ask, HttpAsk(HttpProbe::live)) << "HTTP/1.0 has no hosts";
  request = http_request("GET", "/health/live");
  request.insert(http::field::host, "another");
  EXPECT_EQ(problem_of(request).status, http::status::bad_request);
}

TEST(HttpTarget, DecodesPercentEncoding) {
  std::string bytes;
  for (int byte = 1; byte < 256; ++byte) bytes += static_cast<char>(byte);
  const auto target = parse_target("/order/?a=" + percent_encoded(bytes));
  EXPECT_EQ(target->query, (std::vector<HttpParameter>{{"a", bytes}}));
  EXPECT_EQ(parse_target("/order/" + encoded_segment(bytes))->path,
            (std::vector<std::string>{"order", bytes}));
  EXPECT_EQ(parse_form("a=1+1&&b&=c"), (std::vector<HttpParameter>{{"a", "1 1"}, {"b", ""}, {"", "c"}}));
}

TEST(HttpTarget, TakesAPlusInTheQueryForABlank) {
  const auto value_of = [](const std::string& value) {
    return parse_target("/order/?a=" + value)->query[0].value;
  };
  EXPECT_EQ(value_of("Schraube+M8/40"), "Schraube M8/40");
  EXPECT_EQ(value_of("1%2B1"), "1+1");
  EXPECT_EQ(value_of("2026-01-02T03:04:05+01:00"), "2026-01-02T03:04:05+01:00");
  EXPECT_EQ(value_of("2026-01-02T03%3A04%3A05%2B01%3A00"), "2026-01-02T03:04:05+01:00");
  EXPECT_EQ(value_of("2026-01-02+03:04"), "2026-01-02 03:04");
  EXPECT_EQ(parse_target("/1+1/")->path.front(), "1+1");
}

TEST(HttpTarget, BoundsNumberOfParameters) {
  std::string form;
  for (std::size_t i = 0; i <= kMaxParameters; ++i) form += "line=A&";
  EXPECT_FALSE(parse_form(form).has_value());
}

TEST(HttpRoute, NeedsTheScopeThatTheTableDeclares) {
  const struct {
    std::string method;
    std::string target;
    std::optional<Scope> scope;
  } kCases[] = {
      {"GET", "/order/", Scope::read},         {"HEAD", "/product/A/", Scope::read},
      {"GET", "/events/?follow", Scope::read}, {"GET", "/product/A/explain/", Scope::read},
      {"GET", "/metrics", Scope::read},        {"PUT", "/order/7/abort/", Scope::command},
      {"GET", "/health/live", std::nullopt},   {"GET", "/", std::nullopt},
      {"OPTIONS", "/order/", std::nullopt},    {"GET", "/order/?limit=0", std::nullopt},
      {"DELETE", "/order/", std::nullopt},     {"GET", "/nothing/", std::nullopt},
  };
  for (const auto& [method, target, scope] : kCases) {
    EXPECT_EQ(route(http_request(method, target)).scope, scope) << method << " " << target;
  }
}

TEST(HttpRoute, CountsAsTheKindThatTheTableDeclares) {
  const auto kind = [](std::string_view target) { return question_of(target).counted_as; };
  EXPECT_EQ(kind("/order/"), QueryKind::list_orders);
  EXPECT_EQ(kind("/order/7/"), QueryKind::show_order);
  EXPECT_EQ(kind("/product/"), QueryKind::list_products);
  EXPECT_EQ(kind("/product/A/"), QueryKind::show_product);
  EXPECT_EQ(kind("/events/"), QueryKind::read_events);
  EXPECT_EQ(kind("/head/"), QueryKind::show_head);
  EXPECT_EQ(kind("/order/7/?at=3"), QueryKind::at);
  EXPECT_EQ(kind("/events/?at=3"), QueryKind::read_events);
  const HttpAsk follow = route(http_request("GET", "/events/?follow")).ask;
  EXPECT_EQ(std::get<HttpFollow>(follow).counted_as, QueryKind::follow_events);
  const HttpAsk statement = route(http_request("GET", "/order/7/explain/")).ask;
  EXPECT_EQ(std::get<HttpExplain>(statement).counted_as, QueryKind::read_events);
}

}  // namespace
}  // namespace stockfold
