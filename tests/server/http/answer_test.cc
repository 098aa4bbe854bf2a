// The bytes of HTTP answers.
#include "server/http/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "server/http/framing.h"
#include "server/http/outcome_answer.h"
#include "server/http/plain_answers.h"
#include "server/http/reply_answer.h"
#include "server/world.h"

namespace stockfold {
namespace {

namespace http = boost::beast::http;
using testing::HasSubstr;
using testing::Not;

Accepted accepted_order(OrderStatus status, std::vector<StockOf> stock) {
  return {.subject = StreamId::of(order_id("1")),
          .status = status,
          .version = StreamVersion(2),
          .position = GlobalPosition(7),
          .time = UnixMillis(0),
          .stock = std::move(stock)};
}

const std::string kLife = "3f2a91c0.2";

Order order_of(Lines lines) {
  Order order;
  order.status = OrderStatus::in_progress;
  order.lines = std::move(lines);
  order.version = StreamVersion(1);
  return order;
}

/// Of order 1, as of position 42.
OrderHistoryReply history_of(std::optional<Order> state) {
  return {order_id("1"), std::move(state), {}, GlobalPosition(42)};
}

HttpQuestion shows_order(const std::string& tags) {
  return {.request = ShowOrderHistory{}, .if_none_match = tags, .render = render_order};
}

std::string sent(const HttpAnswer& answer, HttpFraming framing = {}) {
  std::string out;
  append(answer, framing, out);
  return out;
}

TEST(HttpAnswer, GivesNewOrderLocationAndVersion) {
  const auto asked = AskedCommand::of(PlaceOrder{std::nullopt, {{sku("A"), 2}}});
  const auto answer =
      render_outcome(asked, {accepted_order(OrderStatus::in_progress, {{sku("A"), 3}})}, asked.lines);
  EXPECT_EQ(sent(answer),
            "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 182\r\n"
            "Cache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\nETag: \"2\"\r\n"
            "Location: 1/\r\nConnection: keep-alive\r\nKeep-Alive: timeout=75\r\n\r\n"
            R"({"id":"1","product":"A","status":"in_progress","status_code":"PR","ok":true,"order":"1",)"
            R"("version":2,"position":7,"replayed":false,"stock":{"A":3},)"
            R"("lines":[{"sku":"A","quantity":2}]})"
            "\n");
}

TEST(HttpAnswer, GivesLocationRelativeToRequestPath) {
  auto asked = AskedCommand::of(PlaceOrder{std::nullopt, {{sku("A"), 2}}});
  Accepted made = accepted_order(OrderStatus::in_progress, {});
  const auto location = [&] { return render_outcome(asked, {made}, asked.lines).headers; };
  EXPECT_THAT(location(), HasSubstr("Location: 1/\r\n"));
  made.subject = StreamId::of(order_id("shop:1"));
  EXPECT_THAT(location(), HasSubstr("Location: ./shop:1/\r\n")) << "shop is no scheme";
  asked.below_slash = false;
  EXPECT_THAT(location(), HasSubstr("Location: order/shop:1/\r\n"));
  made.subject = StreamId::of(order_id("M\xC3\xBCtze M8/40 #1?"));
  EXPECT_THAT(location(), HasSubstr("Location: order/M%C3%BCtze%20M8%2F40%20%231%3F/\r\n"));
}

TEST(HttpAnswer, NamesProductOnlyForOneLineOrder) {
  const auto asked = AskedCommand::of(DraftOrder{std::nullopt, {{sku("A"), 2}, {sku("B"), 1}}});
  const auto answer = render_outcome(asked, {accepted_order(OrderStatus::draft, {})}, asked.lines);
  EXPECT_EQ(answer.status, http::status::created);
  EXPECT_EQ(answer.body,
            R"({"id":"1","status":"draft","status_code":"DR","ok":true,"order":"1","version":2,"position":7,)"
            R"("replayed":false,"stock":{},"lines":[{"sku":"A","quantity":2},{"sku":"B","quantity":1}]})"
            "\n");
}

TEST(HttpAnswer, MarksReplayedAnswer) {
  auto asked = AskedCommand::of(AbortOrder{order_id("1"), ""});
  asked.life = kLife;
  const auto answer =
      render_outcome(asked, {accepted_order(OrderStatus::aborted, {{sku("A"), 3}}), true}, {{sku("A"), 2}});
  EXPECT_EQ(answer.status, http::status::ok);
  EXPECT_EQ(answer.headers, "ETag: \"2@" + kLife + "\"\r\nIdempotency-Replayed: true\r\n");
  EXPECT_THAT(answer.body, HasSubstr(R"("status_code":"AB")"));
  EXPECT_THAT(answer.body, HasSubstr(R"("replayed":true,"decided_at":"1970-01-01T00:00:00.000Z",)"));
}

TEST(HttpAnswer, ReportsWhenReplayedRefusalWasDecided) {
  Refusal refusal;
  refusal.rule = Rule::unknown_order;
  refusal.subject = StreamId::of(order_id("1"));
  const DecidedBy decided{GlobalPosition(4), UnixMillis(1'000)};
  const auto answer =
      render_outcome(AskedCommand::of(AbortOrder{order_id("1"), ""}), {refusal, true, decided}, {});
  EXPECT_EQ(answer.headers, "Idempotency-Replayed: true\r\n");
  EXPECT_EQ(answer.body,
            R"({"type":"unknown_order","title":"unknown order","status":404,)"
            R"("detail":"order 1 is not a known order; that was the outcome at 1970-01-01T00:00:01.000Z, )"
            R"(and a new attempt needs a new Idempotency-Key","position":null,"expected_version":null,)"
            R"("actual_version":0,"subject":"order/1","state":null,"replayed":true,)"
            R"("decided_at":"1970-01-01T00:00:01.000Z","decided_position":4})"
            "\n");
}

TEST(HttpAnswer, DescribesRefusalAsProblemWithCurrentState) {
  Refusal refusal;
  refusal.rule = Rule::insufficient_stock;
  refusal.subject = StreamId::of(sku("A"));
  Product product;
  product.name = "Anvil";
  product.received = 1;
  product.version = StreamVersion(4);
  refusal.state = product;
  refusal.actual = StreamVersion(4);
  refusal.requested = 2;
  const auto answer =
      render_outcome(AskedCommand::of(PlaceOrder{std::nullopt, {{sku("A"), 2}}}), {refusal}, {});
  EXPECT_EQ(answer.status, http::status::conflict);
  EXPECT_EQ(answer.type, "application/problem+json");
  EXPECT_EQ(answer.headers, "");
  EXPECT_EQ(
      answer.body,
      R"({"type":"insufficient_stock","title":"insufficient stock","status":409,)"
      R"("detail":"insufficient stock of A: 1 available, 2 requested","position":null,"expected_version":null,)"
      R"("actual_version":4,"subject":"product/A","state":{"sku":"A","name":"Anvil","stock":1,)"
      R"("received":1,"written_off":0,"in_progress":0,"fulfilled":0,"retired":false,"version":4},)"
      R"("replayed":false})"
      "\n");
}

TEST(HttpAnswer, GivesEveryRuleItsStatus) {
  const struct {
    Rule rule;
    CommandBody asked;
    unsigned status;
  } kCases[] = {
      {Rule::unknown_product, PlaceOrder{std::nullopt, {{sku("A"), 1}}}, 409},
      {Rule::unknown_product, ReceiveStock{sku("A"), 1, ""}, 404},
      {Rule::unknown_product, RetireProduct{sku("A")}, 404},
      {Rule::product_retired, ReceiveStock{sku("A"), 1, ""}, 409},
      {Rule::product_exists, RegisterProduct{sku("A"), "", 0}, 409},
      {Rule::insufficient_stock, WriteOffStock{sku("A"), 1, ""}, 409},
      {Rule::stock_overflow, ReceiveStock{sku("A"), 1, ""}, 409},
      {Rule::unknown_order, AbortOrder{order_id("1"), ""}, 404},
      {Rule::unknown_order, PlaceOrder{order_id("1"), {}}, 404},
      {Rule::order_exists, PlaceOrder{order_id("1"), {{sku("A"), 1}}}, 409},
      {Rule::order_not_draft, PlaceOrder{order_id("1"), {}}, 409},
      {Rule::order_already_aborted, AbortOrder{order_id("1"), ""}, 409},
      {Rule::order_already_fulfilled, AbortOrder{order_id("1"), ""}, 409},
      {Rule::order_not_in_progress, FulfilOrder{order_id("1"), ""}, 409},
      {Rule::version_conflict, AbortOrder{order_id("1"), ""}, 412},
      {Rule::command_id_reused, AbortOrder{order_id("1"), ""}, 409},
  };
  for (const auto& [rule, asked, status] : kCases) {
    const auto answer = render_outcome(AskedCommand::of(asked), {refuse(rule, "")}, {});
    EXPECT_EQ(static_cast<unsigned>(answer.status), status) << name_of(rule);
    EXPECT_THAT(answer.body, HasSubstr("{\"type\":\"" + std::string(name_of(rule)) + "\""));
    EXPECT_EQ(answer.headers, "") << name_of(rule);
  }
}

TEST(HttpAnswer, EveryErrorCodeHasItsStatus) {
  const struct {
    ErrorCode code;
    unsigned status;
  } kCases[] = {
      {ErrorCode::invalid_argument, 400}, {ErrorCode::forbidden, 403},    {ErrorCode::overloaded, 503},
      {ErrorCode::outcome_unknown, 503},  {ErrorCode::clock_jumped, 503},
  };
  const AskedCommand asked = AskedCommand::of(AbortOrder{order_id("1"), ""});
  for (const auto& [code, status] : kCases) {
    const auto answer = render_outcome(asked, {Failure(code, "")}, {});
    EXPECT_EQ(static_cast<unsigned>(answer.status), status) << name_of(code);
    EXPECT_THAT(answer.body, HasSubstr("{\"type\":\"" + std::string(name_of(code)) + "\""));
    EXPECT_THAT(answer.body, HasSubstr(R"("position":null,"expected_version":null,"actual_version":null,)"));
    EXPECT_EQ(answer.headers, status == 503 ? "Retry-After: 1\r\n" : "") << name_of(code);
  }
}

TEST(HttpAnswer, GivesOrderStatusAsWordAndCode) {
  const HttpQuestion asked{.request = ShowOrderHistory{order_id("1"), {}}, .render = render_order};
  const auto answer = answer_to(asked, history_of(order_of({{sku("A"), 1}})), kLife);
  EXPECT_EQ(answer.headers, "ETag: \"1@" + kLife + "\"\r\n");
  EXPECT_EQ(answer.body, R"({"id":"1","product":"A","status":"in_progress","status_code":"PR","order":"1",)"
                         R"("lines":[{"sku":"A","quantity":1}],"version":1,"as_of":42})"
                         "\n");
  const auto missing = answer_to(asked, history_of(std::nullopt), kLife);
  EXPECT_EQ(missing.status, http::status::not_found);
  EXPECT_THAT(missing.body, HasSubstr(R"("type":"unknown_order")"));
  EXPECT_THAT(missing.body, HasSubstr(R"("detail":"order 1 is not a known order")"));
}

TEST(HttpAnswer, SaysWhenAndByWhomOrderWasChanged) {
  const HttpQuestion asked{.request = ShowOrderHistory{order_id("1"), {}}, .render = render_order};
  OrderHistoryReply reply = history_of(order_of({{sku("A"), 1}}));
  reply.steps = {{GlobalPosition(1), EventType::order_drafted, UnixMillis(1'000), "anna"},
                 {GlobalPosition(2), EventType::order_placed, UnixMillis(2'000), ""},
                 {GlobalPosition(3), EventType::order_fulfilled, UnixMillis(3'000), "bert"},
                 {GlobalPosition(4), EventType::order_fulfilled, UnixMillis(4'000), "carl"},
                 {GlobalPosition(5), EventType{200}, UnixMillis(5'000), "of a later ledger"}};
  EXPECT_THAT(answer_to(asked, reply, kLife).body,
              HasSubstr(R"("as_of":42,"drafted_at":"1970-01-01T00:00:01.000Z","drafted_by":"anna",)"
                        R"("placed_at":"1970-01-01T00:00:02.000Z","placed_by":null,)"
                        R"("fulfilled_at":"1970-01-01T00:00:04.000Z","fulfilled_by":"carl"})"));
}

TEST(HttpAnswer, ReturnsNotModifiedWhenEntityTagMatches) {
  const OrderHistoryReply reply = history_of(order_of({{sku("A"), 1}}));
  for (const std::string& tags : std::vector<std::string>{
           "\"1\"", "\"0\", \"1\"", "W/\"1\"", "\"0\",W/\"1\"", "*", "\"1@" + kLife + "\"",
           "W/\"1@" + kLife + "-gzip\"", "\"1-gzip\"", "\"1--gzip\"", "\"1;gzip\""}) {
    const auto answer = answer_to(shows_order(tags), reply, kLife);
    EXPECT_EQ(sent(answer),
              "HTTP/1.1 304 Not Modified\r\nCache-Control: no-cache\r\n"
              "X-Content-Type-Options: nosniff\r\nETag: \"1@" +
                  kLife + "\"\r\nConnection: keep-alive\r\nKeep-Alive: timeout=75\r\n\r\n")
        << tags;
  }
  for (const std::string tags : {"\"2\"", "1", "\"11\"", ",", "\"1@00000000.9\"", "\"1x\"", "\"1\" \"1\""}) {
    EXPECT_EQ(answer_to(shows_order(tags), reply, kLife).status, http::status::ok) << tags;
  }
}

TEST(HttpAnswer, LinksPageToTheNext) {
  OrdersReply page{
      .rows = {{order_id("1"), order_of({{sku("A"), 1}})}}, .next = {}, .as_of = GlobalPosition(9)};
  const std::string rows =
      R"({"orders":[{"id":"1","product":"A","status":"in_progress","status_code":"PR","order":"1",)"
      R"("lines":[{"sku":"A","quantity":1}],"version":1,"as_of":9}],)";
  HttpQuestion asked{.request = ListOrders{}, .next_page = "?limit=1&cursor=", .render = render_orders};
  const auto last = answer_to(asked, page, kLife);
  EXPECT_EQ(last.body, rows + "\"next\":null,\"as_of\":9}\n");
  EXPECT_EQ(last.headers, "");
  page.next = order_id("2");
  const auto first = answer_to(asked, page, kLife);
  EXPECT_EQ(first.body, rows + "\"next\":\"3f2a91c0.2@2\",\"as_of\":9}\n");
  EXPECT_EQ(first.headers, "Link: <?limit=1&cursor=3f2a91c0.2@2>; rel=\"next\"\r\n");
  asked.request = At{GlobalPosition(9), ListOrders{}};
  EXPECT_THAT(answer_to(asked, page, kLife).body, HasSubstr(R"("next":"3f2a91c0.2@9@2")"));

  page.next = order_id("M\xC3\xBCtze @ #1");
  EXPECT_THAT(answer_to(asked, page, kLife).headers,
              HasSubstr("cursor=3f2a91c0.2@9@M%C3%BCtze%20@%20%231>;"));
  asked.request = ListOrders{};
  EXPECT_THAT(answer_to(asked, page, kLife).headers, HasSubstr("cursor=3f2a91c0.2@@M%C3%BCtze%20@%20%231>;"));
}

TEST(HttpAnswer, WritesOneLinePerEvent) {
  const RecordedEvent event{GlobalPosition(7),          UnixMillis(0), StreamVersion(1), {}, {},
                            ProductRetired{sku("A"), 6}};
  const HttpQuestion asked{.request = ReadEvents{}, .next_page = "?from=", .render = render_events};
  const auto answer =
      answer_to(asked, EventsReply{{event, event}, GlobalPosition(8), GlobalPosition(9)}, kLife);
  const std::string line =
      R"({"position":7,"type":"ProductRetired","time":"1970-01-01T00:00:00.000Z","streams":{"product/A":1},)"
      R"("command_id":null,"actor":null,"data":{"sku":"A","stock_after":6}})"
      "\n";
  EXPECT_EQ(answer.body, line + line);
  EXPECT_EQ(answer.headers, "Link: <?from=8&life=3f2a91c0.2>; rel=\"next\"\r\n");
}

TEST(HttpAnswer, WritesErrorAsProblem) {
  const auto answer =
      answer_to(HttpQuestion{}, ErrorReply{ErrorCode::view_not_ready, "12 % done", false}, kLife);
  EXPECT_EQ(
      sent(answer),
      "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nContent-Length: 85\r\n"
      "Cache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\nRetry-After: 1\r\n"
      "Connection: keep-alive\r\nKeep-Alive: timeout=75\r\n\r\n"
      R"({"type":"view_not_ready","title":"view not ready","status":503,"detail":"12 % done"})"
      "\n");
}

TEST(HttpAnswer, DelaysRetryByTenSecondsOnFullDisk) {
  const auto answer = answer_to(ErrorReply{ErrorCode::out_of_space, "make room", false});
  EXPECT_EQ(answer.headers, "Retry-After: 10\r\n");
}

TEST(HttpAnswer, SanitizesAndBoundsQuotedRequestText) {
  EXPECT_THAT(answer_to(malformed("unknown field \xff\xfe\"\n")).body,
              HasSubstr(R"("detail":"unknown field ??\"\n"})"));
  EXPECT_THAT(answer_to(malformed("unknown field über")).body, HasSubstr("über"));
  EXPECT_LT(answer_to(malformed(std::string(100'000, 'x'))).body.size(), 2'000U);
}

TEST(HttpAnswer, ReportsViewPositionsToProbes) {
  Readiness readiness{
      .head = GlobalPosition(100), .applied = GlobalPosition(10), .max_view_lag = 50, .late = {}};
  EXPECT_EQ(answer_to(readiness).status, http::status::service_unavailable);
  readiness.applied = GlobalPosition(50);
  EXPECT_EQ(answer_to(readiness).body, "{\"status\":\"ready\",\"position\":100,\"view_lag\":50}\n");
  readiness.late = {{.name = "movements", .position = GlobalPosition(12)},
                    {.name = "streams", .position = GlobalPosition(13)}};
  EXPECT_EQ(answer_to(readiness).body,
            "{\"status\":\"ready\",\"position\":100,\"view_lag\":50,\"late_views\":["
            "{\"view\":\"movements\",\"position\":12},{\"view\":\"streams\",\"position\":13}]}\n");
  EXPECT_EQ(live().body, "{\"status\":\"live\"}\n");
}

TEST(HttpAnswer, AddsConnectionHeadersAndLengthWhenSent) {
  const HttpAnswer answer = live();
  EXPECT_THAT(sent(answer, {.keep_alive = false}), HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(sent(answer, {.keep_alive = false}), Not(HasSubstr("Keep-Alive")));
  for (const unsigned version : {10U, 11U}) {
    EXPECT_THAT(sent(answer, {.version = version, .idle = std::chrono::seconds(7)}),
                HasSubstr("\r\nConnection: keep-alive\r\nKeep-Alive: timeout=7\r\n"));
  }
  const std::string head = sent(answer, {.without_body = true});
  EXPECT_THAT(head, HasSubstr("Content-Length: 18\r\n"));
  EXPECT_THAT(head, testing::EndsWith("\r\n\r\n"));
  EXPECT_EQ(sent(answer_to(HttpMethods{"GET"})),
            "HTTP/1.1 204 No Content\r\nCache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\n"
            "Allow: GET\r\nConnection: keep-alive\r\nKeep-Alive: timeout=75\r\n\r\n");
}

}  // namespace
}  // namespace stockfold
