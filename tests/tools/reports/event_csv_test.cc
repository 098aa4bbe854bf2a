#include "tools/reports/event_csv.h"

#include <gtest/gtest.h>

#include "support/ids.h"
#include "tools/transfer/recorded.h"

namespace stockfold {
namespace {

TEST(EventCsv, HasOneRecordPerOrderLine) {
  EXPECT_EQ(event_csv_header(),
            "position,time,type,version,order,sku,name,quantity,stock_after,reason,error,message,command_id,"
            "actor\n");
  EXPECT_EQ(
      csv_of(recorded(OrderAborted{order_id("1"),
                                   false,
                                   {{sku("A"), 1, 5, StreamVersion(3)}, {sku("B"), 2, 6, StreamVersion(4)}},
                                   "no, thanks"},
                      2)),
      "7,2026-01-02T03:04:05.678Z,OrderAborted,2,1,A,,1,5,\"no, thanks\",,,,\n"
      "7,2026-01-02T03:04:05.678Z,OrderAborted,2,1,B,,2,6,\"no, thanks\",,,,\n");
  EXPECT_EQ(csv_of(recorded(OrderDrafted{order_id("1"), {{sku("A"), 1}}}, 2)),
            "7,2026-01-02T03:04:05.678Z,OrderDrafted,2,1,A,,1,,,,,,\n");
  EXPECT_EQ(csv_of(recorded(OrderAborted{order_id("1"), true, {{sku("A"), 1}}, ""}, 2)),
            "7,2026-01-02T03:04:05.678Z,OrderAborted,2,1,A,,1,,,,,,\n")
      << "a draft that was aborted moved no stock";
}

TEST(EventCsv, HasOneRecordForProductEvent) {
  RecordedEvent registered = recorded(ProductRegistered{sku("A"), "Anvil, \"big\"", 10}, 2);
  registered.actor = "alice";
  registered.identity.emplace();
  EXPECT_EQ(csv_of(registered),
            "7,2026-01-02T03:04:05.678Z,ProductRegistered,2,,A,\"Anvil, \"\"big\"\"\",10,10,,,,"
            "00000000-0000-0000-0000-000000000000,alice\n");
  EXPECT_EQ(csv_of(recorded(StockReceived{sku("A"), 3, 13, "two\nlines"}, 2)),
            "7,2026-01-02T03:04:05.678Z,StockReceived,2,,A,,3,13,\"two\nlines\",,,,\n");
  EXPECT_EQ(csv_of(recorded(ProductRetired{sku("A"), 13}, 2)),
            "7,2026-01-02T03:04:05.678Z,ProductRetired,2,,A,,,13,,,,,\n");
}

TEST(EventCsv, QuotesIdsAsShopsHaveThem) {
  EXPECT_EQ(
      csv_of(recorded(
          OrderDrafted{order_id("2026/7, rot"), {{sku("5\" Rohr"), 1}, {sku("M\xC3\xBCtze #3"), 2}}}, 2)),
      "7,2026-01-02T03:04:05.678Z,OrderDrafted,2,\"2026/7, rot\",\"5\"\" Rohr\",,1,,,,,,\n"
      "7,2026-01-02T03:04:05.678Z,OrderDrafted,2,\"2026/7, rot\",M\xC3\xBCtze #3,,2,,,,,,\n");
  EXPECT_EQ(csv_of(recorded(ProductRetired{sku("=1+1"), 13}, 2)),
            "7,2026-01-02T03:04:05.678Z,ProductRetired,2,,'=1+1,,,13,,,,,\n")
      << "no formula";
}

TEST(EventCsv, NamesRuleAndSubjectOfRefusal) {
  CommandRefused refused;
  refused.refusal.rule = Rule::unknown_product;
  refused.refusal.subject = StreamId::of(sku("A"));
  RecordedEvent event = recorded(refused);
  event.version = StreamVersion();
  EXPECT_EQ(csv_of(event),
            "7,2026-01-02T03:04:05.678Z,CommandRefused,,,A,,,,,unknown_product,A is not a known product,,\n");
}

}  // namespace
}  // namespace stockfold
