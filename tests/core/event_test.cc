#include "core/event.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/given.h"
#include "core/outcome.h"

namespace stockfold {
namespace {

std::vector<std::string> streams_in(const RecordedEvent& event) {
  std::vector<std::string> streams;
  for (const auto& [stream, version] : streams_of(event)) {
    streams.push_back(stream.str() + "@" + std::to_string(version.value()));
  }
  return streams;
}
using Streams = std::vector<std::string>;

TEST(EventType, HasStableNumberAndName) {
  const std::vector<std::pair<Event, std::string_view>> all{
      {ProductRegistered(), "ProductRegistered"}, {StockReceived(), "StockReceived"},
      {StockWrittenOff(), "StockWrittenOff"},     {ProductRetired(), "ProductRetired"},
      {OrderDrafted(), "OrderDrafted"},           {OrderPlaced(), "OrderPlaced"},
      {OrderAborted(), "OrderAborted"},           {OrderFulfilled(), "OrderFulfilled"},
      {CommandRefused(), "CommandRefused"}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(type_of(all[i].first)), i + 1);
    EXPECT_EQ(name_of(type_of(all[i].first)), all[i].second);
  }
  EXPECT_EQ(name_of(unlisted<EventType>(0)), "?");
  EXPECT_EQ(name_of(unlisted<EventType>(10)), "?");
}

TEST(OrderStatus, HasANameInEveryState) {
  EXPECT_EQ(name_of(OrderStatus::draft), "draft");
  EXPECT_EQ(name_of(OrderStatus::in_progress), "in_progress");
  EXPECT_EQ(name_of(OrderStatus::aborted), "aborted");
  EXPECT_EQ(name_of(OrderStatus::fulfilled), "fulfilled");
  EXPECT_EQ(name_of(unlisted<OrderStatus>(9)), "?");
}

TEST(EventStreams, ProductEventTouchesItsProductOnly) {
  Story story = given({});
  EXPECT_EQ(streams_in(story.happens(registered("A", 5))), Streams({"product/A@1"}));
  EXPECT_EQ(streams_in(story.happens(received("A", 5))), Streams({"product/A@2"}));
  EXPECT_EQ(streams_in(story.happens(written_off("A", 5))), Streams({"product/A@3"}));
  EXPECT_EQ(streams_in(story.happens(retired("A"))), Streams({"product/A@4"}));
}

TEST(EventStreams, OrderEventTouchesOrderThenMovedProducts) {
  Story story = given({registered("A", 5), registered("B", 5), received("B", 1)});
  const Lines lines{line("A", 1), line("B", 1)};
  EXPECT_EQ(streams_in(story.happens(placed("1", lines))),
            Streams({"order/1@1", "product/A@2", "product/B@3"}));
  EXPECT_EQ(streams_in(story.happens(aborted("1"))), Streams({"order/1@2", "product/A@3", "product/B@4"}));
  EXPECT_EQ(streams_in(story.happens(placed("2", lines))),
            Streams({"order/2@1", "product/A@4", "product/B@5"}));
  EXPECT_EQ(streams_in(story.happens(fulfilled("2"))), Streams({"order/2@2", "product/A@5", "product/B@6"}));
}

TEST(EventStreams, DraftEventTouchesOrderOnly) {
  Story story = given({registered("A", 5)});
  EXPECT_EQ(streams_in(story.happens(drafted("1", {line("A", 1)}))), Streams({"order/1@1"}));
  EXPECT_EQ(streams_in(story.happens(aborted("1"))), Streams({"order/1@2"}));
}

TEST(EventStreams, RefusalTouchesNoStream) {
  EXPECT_EQ(streams_in(record({CommandRefused(), StreamVersion(0)}, GlobalPosition(1))), Streams());
}

Accepted told(const RecordedEvent& event) { return std::get<Accepted>(outcome_of(event)); }

TEST(Outcome, ContainsStockAfterProductEvent) {
  Story story = given({});
  EXPECT_EQ(told(story.happens(registered("A", 5))), (Accepted{StreamId::of(sku("A")),
                                                               std::nullopt,
                                                               StreamVersion(1),
                                                               GlobalPosition(1),
                                                               UnixMillis(1'001),
                                                               {{sku("A"), 5}}}));
  EXPECT_EQ(told(story.happens(received("A", 2))).stock, std::vector<StockOf>({{sku("A"), 7}}));
  EXPECT_EQ(told(story.happens(written_off("A", 3))).stock, std::vector<StockOf>({{sku("A"), 4}}));
  EXPECT_EQ(told(story.happens(retired("A"))).stock, std::vector<StockOf>({{sku("A"), 4}}));
}

TEST(Outcome, ContainsStatusAndStockAfterOrderEvent) {
  Story story = given({registered("A", 5), registered("B", 5)});
  const std::vector<StockOf> taken{{sku("A"), 4}, {sku("B"), 3}};
  const Lines lines{line("A", 1), line("B", 2)};
  EXPECT_EQ(told(story.happens(placed("1", lines))),
            (Accepted{StreamId::of(order_id("1")), OrderStatus::in_progress, StreamVersion(1),
                      GlobalPosition(3), UnixMillis(1'003), taken}));
  const Accepted fulfilment = told(story.happens(fulfilled("1")));
  EXPECT_EQ(fulfilment.status, OrderStatus::fulfilled);
  EXPECT_EQ(fulfilment.stock, taken);

  story.happens(placed("2", lines));
  const Accepted abort = told(story.happens(aborted("2")));
  EXPECT_EQ(abort.status, OrderStatus::aborted);
  EXPECT_EQ(abort.stock, taken);
}

TEST(Outcome, OmitsStockAfterDraftEvent) {
  Story story = given({registered("A", 5)});
  const Accepted draft = told(story.happens(drafted("1", {line("A", 1)})));
  EXPECT_EQ(draft.status, OrderStatus::draft);
  EXPECT_EQ(draft.stock, std::vector<StockOf>());
  const Accepted abort = told(story.happens(aborted("1")));
  EXPECT_EQ(abort.status, OrderStatus::aborted);
  EXPECT_EQ(abort.stock, std::vector<StockOf>());
}

TEST(Outcome, EqualsTheRecordedRefusal) {
  const Refusal refusal = refuse(Rule::unknown_order, "");
  const auto event =
      record({CommandRefused{CommandKind::abort_order, refusal}, StreamVersion(0)}, GlobalPosition(1));
  EXPECT_EQ(std::get<Refusal>(outcome_of(event)), refusal);
}

}  // namespace
}  // namespace stockfold
