#include "protocol/text/json.h"

#include <gtest/gtest.h>

#include "support/ids.h"
#include "tools/transfer/recorded.h"

namespace stockfold {
namespace {

Product ladder() {
  Product product;
  product.name = "Ladder";
  product.received = 5;
  product.in_progress = 1;
  product.fulfilled = 1;
  product.version = StreamVersion(9);
  return product;
}

Order aborted_order() {
  Order state;
  state.status = OrderStatus::aborted;
  state.lines = {{sku("A"), 1}};
  state.version = StreamVersion(2);
  state.changed_by = "alice";
  return state;
}

Refusal already_aborted() {
  Refusal refusal;
  refusal.rule = Rule::order_already_aborted;
  refusal.subject = StreamId::of(order_id("1"));
  refusal.state = aborted_order();
  refusal.obstacle = GlobalPosition(7);
  refusal.actual = StreamVersion(2);
  return refusal;
}

const std::string kAlreadyAborted =
    R"("error":"order_already_aborted","message":"order 1 was already aborted by alice at position 7",)"
    R"("position":7,"expected_version":null,"actual_version":2,"subject":"order/1",)"
    R"("state":{"order":"1","status":"aborted","lines":[{"sku":"A","quantity":1}],"version":2})";

TEST(AnswerJson, ContainsIdAndStatusOfAcceptedOrder) {
  const Accepted accepted{StreamId::of(order_id("1")),
                          OrderStatus::in_progress,
                          StreamVersion(1),
                          GlobalPosition(7),
                          UnixMillis(0),
                          {{sku("A"), 0}, {sku("B"), 3}}};
  EXPECT_EQ(json_of(Answer{accepted}),
            R"({"ok":true,"order":"1","status":"in_progress","version":1,"position":7,"replayed":false,)"
            R"("stock":{"A":0,"B":3}})");
}

TEST(AnswerJson, ContainsSkuAndNoStatusOfAcceptedProduct) {
  const Accepted accepted{StreamId::of(sku("A")), {}, StreamVersion(2), GlobalPosition(3), UnixMillis(0),
                          {{sku("A"), 5}}};
  EXPECT_EQ(json_of(Answer{accepted, true}),
            R"({"ok":true,"product":"A","version":2,"position":3,"replayed":true,)"
            R"("decided_at":"1970-01-01T00:00:00.000Z","stock":{"A":5}})");
}

TEST(AnswerJson, ContainsNoStockForDraft) {
  const Accepted accepted{StreamId::of(order_id("1")), OrderStatus::draft, StreamVersion(1),
                          GlobalPosition(7),           UnixMillis(0),      {}};
  EXPECT_EQ(
      json_of(Answer{accepted}),
      R"({"ok":true,"order":"1","status":"draft","version":1,"position":7,"replayed":false,"stock":{}})");
}

TEST(AnswerJson, ContainsOrderStateWhenRefused) {
  EXPECT_EQ(json_of(Answer{already_aborted()}),
            R"({"ok":false,)" + kAlreadyAborted + R"(,"replayed":false})");
  EXPECT_EQ(json_of(already_aborted()), R"({"ok":false,)" + kAlreadyAborted + "}");
}

TEST(AnswerJson, StatesDecisionOfReplayedRefusalWhenKnown) {
  const DecidedBy decided{GlobalPosition(4), UnixMillis(1'000)};
  EXPECT_EQ(json_of(Answer{already_aborted(), true, decided}),
            R"({"ok":false,)" + kAlreadyAborted +
                R"(,"replayed":true,"decided_at":"1970-01-01T00:00:01.000Z","decided_position":4})");
  EXPECT_EQ(json_of(Answer{already_aborted(), true}),
            R"({"ok":false,)" + kAlreadyAborted + R"(,"replayed":true})");
}

TEST(AnswerJson, ContainsProductStateWhenRefused) {
  Refusal refusal;
  refusal.rule = Rule::version_conflict;
  refusal.subject = StreamId::of(sku("A"));
  refusal.state = ladder();
  refusal.expected = ExpectedVersion::exactly(StreamVersion(4));
  refusal.actual = StreamVersion(9);
  EXPECT_EQ(json_of(Answer{refusal, true}),
            R"({"ok":false,"error":"version_conflict",)"
            R"("message":"product/A is at version 9, version 4 was expected",)"
            R"("position":null,"expected_version":4,"actual_version":9,"subject":"product/A",)"
            R"("state":{"sku":"A","name":"Ladder","stock":3,"received":5,"written_off":0,"in_progress":1,)"
            R"("fulfilled":1,"retired":false,"version":9},"replayed":true})");
}

TEST(AnswerJson, HasNullVersionAndStateWithoutSubject) {
  EXPECT_EQ(json_of(Failure(ErrorCode::invalid_argument, "actor must be UTF-8")),
            R"({"ok":false,"error":"invalid_argument","message":"actor must be UTF-8","position":null,)"
            R"("expected_version":null,"actual_version":null,"subject":null,"state":null})");
}

TEST(ErrorJson, NamesTheRule) {
  EXPECT_EQ(json_of(ErrorCode::overloaded, "try \"again\""),
            R"({"ok":false,"error":"overloaded","message":"try \"again\""})");
}

TEST(StateJson, ListsFieldsOfProductAndOrder) {
  EXPECT_EQ(
      json_of(sku("A"), ladder(), GlobalPosition(42)),
      R"({"sku":"A","name":"Ladder","stock":3,"received":5,"written_off":0,"in_progress":1,"fulfilled":1,)"
      R"("retired":false,"version":9,"as_of":42})");
  EXPECT_EQ(json_of(order_id("1"), aborted_order(), GlobalPosition(42)),
            R"({"order":"1","status":"aborted","lines":[{"sku":"A","quantity":1}],"version":2,"as_of":42})");
}

TEST(StateJson, WritesGreatestNumbersExactly) {
  Product product;
  product.received = kMaxUnits;
  product.version = StreamVersion(UINT64_MAX);
  EXPECT_EQ(json_of(sku("A"), product, GlobalPosition(UINT64_MAX)),
            R"({"sku":"A","name":"","stock":9007199254740991,"received":9007199254740991,"written_off":0,)"
            R"("in_progress":0,"fulfilled":0,"retired":false,"version":18446744073709551615,)"
            R"("as_of":18446744073709551615})");
}

/// The object of an event with these streams and own fields.
std::string event_json(std::string_view type, std::string_view streams, std::string_view data) {
  std::string text = R"({"position":7,"type":")";
  text.append(type).append(R"(","time":"2026-01-02T03:04:05.678Z","streams":{)").append(streams);
  text.append(R"(},"command_id":null,"actor":null,"data":{)").append(data).append("}}");
  return text;
}

TEST(EventJson, ListsFieldsOfProductEvents) {
  EXPECT_EQ(json_of(recorded(ProductRegistered{sku("A"), "Ladder", 5})),
            event_json("ProductRegistered", R"("product/A":1)", R"("sku":"A","name":"Ladder","stock":5)"));
  EXPECT_EQ(json_of(recorded(StockReceived{sku("A"), 2, 7, "delivery"}, 2)),
            event_json("StockReceived", R"("product/A":2)",
                       R"("sku":"A","quantity":2,"stock_after":7,"reason":"delivery")"));
  EXPECT_EQ(json_of(recorded(StockWrittenOff{sku("A"), 1, 6, {}}, 3)),
            event_json("StockWrittenOff", R"("product/A":3)",
                       R"("sku":"A","quantity":1,"stock_after":6,"reason":"")"));
  EXPECT_EQ(json_of(recorded(ProductRetired{sku("A"), 6}, 4)),
            event_json("ProductRetired", R"("product/A":4)", R"("sku":"A","stock_after":6)"));
}

TEST(EventJson, ListsFieldsOfOrderEvents) {
  const StockedLines lines{{sku("A"), 1, 2, StreamVersion(3)}};
  const std::string both = R"("order/1":1,"product/A":3)";
  const std::string stocked = R"("lines":[{"sku":"A","quantity":1,"stock_after":2}])";

  EXPECT_EQ(
      json_of(recorded(OrderDrafted{order_id("1"), {{sku("A"), 1}}})),
      event_json("OrderDrafted", R"("order/1":1)", R"("order":"1","lines":[{"sku":"A","quantity":1}])"));
  EXPECT_EQ(json_of(recorded(OrderPlaced{order_id("1"), lines})),
            event_json("OrderPlaced", both, R"("order":"1",)" + stocked));
  EXPECT_EQ(json_of(recorded(OrderAborted{order_id("1"), false, lines, "late"})),
            event_json("OrderAborted", both,
                       R"("order":"1","was_draft":false,)" + stocked + R"(,"reason":"late")"));
  EXPECT_EQ(json_of(recorded(OrderFulfilled{order_id("1"), lines, {}})),
            event_json("OrderFulfilled", both, R"("order":"1",)" + stocked + R"(,"reason":"")"));
}

TEST(EventJson, OmitsStockOfAbortedDraft) {
  const StockedLines lines{{sku("A"), 1, 0, StreamVersion(0)}};
  EXPECT_EQ(json_of(recorded(OrderAborted{order_id("1"), true, lines, {}}, 2)),
            event_json("OrderAborted", R"("order/1":2)",
                       R"("order":"1","was_draft":true,"lines":[{"sku":"A","quantity":1}],"reason":"")"));
}

TEST(EventJson, ContainsWholeAnswerAndNoStreamForRefusal) {
  EXPECT_EQ(json_of(recorded(CommandRefused{CommandKind::abort_order, already_aborted()}, 0)),
            event_json("CommandRefused", "", R"("command":"AbortOrder",)" + kAlreadyAborted));
}

TEST(EventJson, NamesActorAndCommandId) {
  RecordedEvent event = recorded(ProductRetired{sku("A"), 6});
  event.actor = "alice";
  event.identity = CommandIdentity{{parse_uuid("00112233-4455-6677-8899-aabbccddeeff").value()}, {}};
  EXPECT_EQ(
      json_of(event),
      R"({"position":7,"type":"ProductRetired","time":"2026-01-02T03:04:05.678Z","streams":{"product/A":1},)"
      R"("command_id":"00112233-4455-6677-8899-aabbccddeeff","actor":"alice","data":{"sku":"A","stock_after":6}})");
}

TEST(MovementJson, ListsMovementsOfOneDay) {
  EXPECT_EQ(json_of(*Sku::parse("A"), DayMovements{Day(20'455), {8, 3, 2, 500, 0, 14}}, GlobalPosition(42)),
            R"({"sku":"A","day":"2026-01-02","placed":8,"aborted":3,"fulfilled":2,"received":500,)"
            R"("written_off":0,"events":14,"returned":0,"counted_up":0,"counted_down":0,"transferred_in":0,)"
            R"("transferred_out":0,"as_of":42})");
}

TEST(MovementJson, SaysWhenADayInAZoneBeginsAndEnds) {
  ZoneDayMovements day{Day(20'541), UnixMillis(1'774'738'800'000), UnixMillis(1'774'821'600'000), {}};
  day.sums.counted_down = 3;
  EXPECT_EQ(json_of(*Sku::parse("A"), "Europe/Berlin", day, GlobalPosition(42)),
            R"({"sku":"A","zone":"Europe/Berlin","day":"2026-03-29","begins":"2026-03-28T23:00:00.000Z",)"
            R"("ends":"2026-03-29T22:00:00.000Z","placed":0,"aborted":0,"fulfilled":0,"received":0,)"
            R"("written_off":0,"events":0,"returned":0,"counted_up":0,"counted_down":3,"transferred_in":0,)"
            R"("transferred_out":0,"as_of":42})");
}

}  // namespace
}  // namespace stockfold
