#include "tools/console/print.h"

#include <gtest/gtest.h>

#include "protocol/text/time_text.h"
#include "support/ids.h"

namespace stockfold {
namespace {

TEST(PrintedText, DescribesAcceptedCommand) {
  const Accepted placed{StreamId::of(order_id("1")),
                        OrderStatus::in_progress,
                        StreamVersion(1),
                        GlobalPosition(7),
                        UnixMillis(0),
                        {{sku("A"), 0}, {sku("B"), 3}}};
  EXPECT_EQ(text_of(CommandKind::place_order, placed, false),
            "placed order 1 (version 1, position 7); stock: A 0, B 3");
  EXPECT_EQ(text_of(CommandKind::place_order, placed, true),
            "placed order 1 (version 1, position 7, done before under this command id, at "
            "1970-01-01T00:00:00.000Z); stock: A 0, B 3");

  const Accepted drafted{StreamId::of(order_id("1")), OrderStatus::draft, StreamVersion(1),
                         GlobalPosition(7),           UnixMillis(0),      {}};
  EXPECT_EQ(text_of(CommandKind::draft_order, drafted, false), "drafted order 1 (version 1, position 7)");
}

TEST(PrintedText, DescribesMovementAndActorOfEvent) {
  RecordedEvent event{GlobalPosition(7), UnixMillis(1'767'323'045'678),
                      StreamVersion(1),  {},
                      "alice",           OrderPlaced{order_id("1"), {{sku("A"), 2, 3, StreamVersion(4)}}}};
  EXPECT_EQ(text_of(event),
            "       7  2026-01-02T03:04:05.678Z  OrderPlaced        order/1           A -2 = 3  by alice");
  event.actor.clear();
  event.event = StockReceived{sku("A"), 5, 8, "delivery"};
  EXPECT_EQ(text_of(event),
            "       7  2026-01-02T03:04:05.678Z  StockReceived      product/A         +5 = 8  \"delivery\"");
}

TEST(PrintedText, ListsLinesOfOrder) {
  Order state;
  state.status = OrderStatus::in_progress;
  state.lines = {{sku("A"), 1}, {sku("LONG"), 20}};
  state.version = StreamVersion(1);
  const std::vector<OrderStep> steps{
      {GlobalPosition(7), EventType::order_placed, UnixMillis(1'767'323'045'678), "anna"},
      {GlobalPosition(8), EventType::order_fulfilled, UnixMillis(1'767'323'045'679), ""}};
  EXPECT_EQ(text_of(order_id("1"), state, steps, GlobalPosition(42)),
            "order      1\n"
            "status     in_progress\n"
            "version    1\n"
            "placed     2026-01-02T03:04:05.678Z by anna\n"
            "fulfilled  2026-01-02T03:04:05.679Z\n"
            "as of      42\n"
            "lines      A              1\n"
            "           LONG          20");
}

TEST(Table, HasOneLinePerDayOfMovements) {
  Table table = movement_table();
  MovementSums sums{8, 3, 2, 500, 0, 14};
  sums.returned = 1;
  sums.counted_up = 2;
  sums.counted_down = 9;
  sums.transferred_in = 6;
  add_row(table, "2026-01-02", sums);
  EXPECT_EQ(table.take(),
            "DAY         PLACED  ABORTED  FULFILLED  RECEIVED  WRITTEN OFF  RETURNED  COUNTED  TRANSFERRED  "
            "EVENTS\n"
            "2026-01-02       8        3          2       500            0         1       -7            6   "
            "   14\n");
}

TEST(Table, AlignsColumnsUnderItsHeader) {
  Table table({{"SKU"}, {"STOCK", Table::Align::right}, {"NAME"}});
  table.add({"A", "5", "Ladder"});
  table.add({"LONGER", "123456", ""});
  EXPECT_EQ(table.take(),
            "SKU      STOCK  NAME\n"
            "A            5  Ladder\n"
            "LONGER  123456\n");
}

TEST(Table, HasOneHeaderForManyPages) {
  Table table({{"SKU"}, {"STOCK", Table::Align::right}});
  table.add({"A", "5"});
  (void)table.take();
  EXPECT_EQ(table.take(), "");
  table.add({"B", "6"});
  EXPECT_EQ(table.take(), "B        6\n");
}

TEST(Table, ShortensManyOrderLines) {
  Order state;
  for (const char* id : {"A", "B", "C", "D", "E", "F"}) state.lines.push_back({sku(id), 1});
  Table table = order_table();
  add_row(table, order_id("1"), state);
  EXPECT_EQ(table.take(),
            "ORDER  STATUS  VERSION  LINES\n"
            "1      draft         0  A 1, B 1, C 1, D 1, and 2 more lines\n");
}

TEST(Rfc3339, WritesMillisecondsInUtc) {
  EXPECT_EQ(rfc3339(UnixMillis(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(rfc3339(UnixMillis(1'767'323'045'678)), "2026-01-02T03:04:05.678Z");
  EXPECT_EQ(rfc3339(UnixMillis(951'782'400'007)), "2000-02-29T00:00:00.007Z");
  EXPECT_EQ(rfc3339(UnixMillis(-1)), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace stockfold
