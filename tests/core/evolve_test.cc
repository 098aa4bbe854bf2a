#include "core/evolve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/given.h"

namespace stockfold {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr GlobalPosition kHere{77};

RecordedEvent recorded(Event event, std::uint64_t version) {
  return record({std::move(event), StreamVersion(version)}, kHere, "bob");
}

/// Folds an event that cannot have happened into a copy of the story, and returns the fault's message.
std::string corruption_in(Story story, const Event& event, std::uint64_t version) {
  const auto folded = evolve(story.aggregates(), recorded(event, version));
  if (folded) return "nothing";
  EXPECT_EQ(folded.error().kind, FaultKind::corruption);
  EXPECT_EQ(folded.error().position, kHere);
  return folded.error().what;
}

/// One product with 5 in stock, at version 1.
Story one_product() { return given({registered("A", 5)}); }
/// Order 1 holds 2 of the 5 units; the product is at version 2 and the order at version 1.
Story in_progress() { return given({registered("A", 5), placed("1", {line("A", 2)})}); }
/// Order 1 is a draft for 2 of the 5 units; both are at version 1.
Story draft() { return given({registered("A", 5), drafted("1", {line("A", 2)})}); }

TEST(Evolve, CountsEveryMovementOfProduct) {
  Story story = given({registered("A", 10), received("A", 5), written_off("A", 1),
                       placed("1", {line("A", 2)}), placed("2", {line("A", 3)}), placed("3", {line("A", 4)}),
                       fulfilled("1"), aborted("2"), retired("A")});
  const Product expected{.name = "the product A",
                         .received = 15,
                         .written_off = 1,
                         .in_progress = 4,
                         .fulfilled = 2,
                         .retired = true,
                         .version = StreamVersion(9),
                         .registered_at = GlobalPosition(1),
                         .retired_at = GlobalPosition(9),
                         .changed_at = GlobalPosition(9)};
  EXPECT_EQ(story.product("A"), expected);
  EXPECT_EQ(story.product("A").stock(), 8U);
}

TEST(Evolve, FollowsOrderFromDraftToFulfilled) {
  Story story = draft();
  const Lines lines{line("A", 2)};
  const auto at = [](std::uint64_t position) { return GlobalPosition(position); };
  EXPECT_EQ(story.order("1"), (Order{OrderStatus::draft, lines, StreamVersion(1), at(2), "alice"}));
  story.happens(placed_draft("1"));
  EXPECT_EQ(story.order("1"), (Order{OrderStatus::in_progress, lines, StreamVersion(2), at(3), "alice"}));
  story.happens(fulfilled("1"));
  EXPECT_EQ(story.order("1"), (Order{OrderStatus::fulfilled, lines, StreamVersion(3), at(4), "alice"}));
}

TEST(Evolve, RecordsActorAndPositionOfOrderChange) {
  Story story = in_progress();
  const OrderAborted event{order_id("1"), false, {stocked("A", 2, 5, 3)}, ""};
  ASSERT_TRUE(evolve(story.aggregates(), recorded(event, 2)));
  EXPECT_EQ(story.order("1").changed_by, "bob");
  EXPECT_EQ(story.order("1").changed_at, kHere);
}

TEST(Evolve, IgnoresRefusals) {
  Story story = in_progress();
  const Product product = story.product("A");
  const Order order = story.order("1");
  ASSERT_TRUE(evolve(story.aggregates(), recorded(CommandRefused(), 0)));
  EXPECT_EQ(story.product("A"), product);
  EXPECT_EQ(story.order("1"), order);
}

TEST(Evolve, LeavesProductUnchangedWhenDraftIsAborted) {
  Story story = draft();
  story.happens(aborted("1"));
  EXPECT_EQ(story.order("1").status, OrderStatus::aborted);
  EXPECT_EQ(story.product("A").version, StreamVersion(1));
}

TEST(Evolve, NamesStreamAndBothVersionsOnMismatch) {
  EXPECT_EQ(
      corruption_in(given({registered("A", 1), received("A", 1)}), StockReceived{sku("A"), 1, 3, ""}, 5),
      "product/A: expected version 3, found 5");
  EXPECT_EQ(corruption_in(in_progress(), OrderFulfilled{order_id("1"), {stocked("A", 2, 3, 3)}, ""}, 1),
            "order/1: expected version 2, found 1");
  EXPECT_EQ(corruption_in(in_progress(), OrderFulfilled{order_id("1"), {stocked("A", 2, 3, 2)}, ""}, 2),
            "product/A: expected version 3, found 2");
}

TEST(Evolve, RejectsFirstEventWithoutVersionOne) {
  EXPECT_THAT(corruption_in(given({}), ProductRegistered{sku("A"), "", 1}, 2),
              HasSubstr("expected version 1"));
  EXPECT_THAT(corruption_in(given({}), OrderDrafted{order_id("1"), {line("A", 1)}}, 0), HasSubstr("found 0"));
}

TEST(Evolve, RejectsProductRegisteredTwice) {
  EXPECT_THAT(corruption_in(one_product(), ProductRegistered{sku("A"), "", 1}, 2),
              HasSubstr("registered already"));
}

TEST(Evolve, RejectsEventOfUnregisteredProduct) {
  for (const Event& event :
       {Event(StockReceived{sku("A"), 1, 1, ""}), Event(StockWrittenOff{sku("A"), 1, 0, ""}),
        Event(ProductRetired{sku("A"), 0}), Event(OrderPlaced{order_id("1"), {stocked("A", 1, 0, 1)}})}) {
    EXPECT_EQ(corruption_in(given({}), event, 1),
              "product/A: " + std::string(name_of(type_of(event))) + " cannot happen: it is not registered");
  }
}

TEST(Evolve, RejectsReceivingSellingOrRetiringRetiredProduct) {
  const Story story = given({registered("A", 5), retired("A")});
  EXPECT_THAT(corruption_in(story, StockReceived{sku("A"), 1, 6, ""}, 3), HasSubstr("retired"));
  EXPECT_THAT(corruption_in(story, ProductRetired{sku("A"), 5}, 3), HasSubstr("retired"));
  EXPECT_THAT(corruption_in(story, OrderPlaced{order_id("1"), {stocked("A", 1, 4, 3)}}, 1),
              HasSubstr("retired"));
}

TEST(Evolve, RejectsStockAboveMaximum) {
  EXPECT_THAT(corruption_in(given({}), ProductRegistered{sku("A"), "", kMaxUnits + 1}, 1),
              HasSubstr("counted"));
  EXPECT_THAT(
      corruption_in(given({registered("A", kMaxUnits)}), StockReceived{sku("A"), 1, kMaxUnits + 1, ""}, 2),
      HasSubstr("counted"));
}

TEST(Evolve, RejectsZeroQuantity) {
  EXPECT_THAT(corruption_in(one_product(), StockReceived{sku("A"), 0, 5, ""}, 2), HasSubstr("quantity"));
  EXPECT_THAT(corruption_in(one_product(), StockWrittenOff{sku("A"), 0, 5, ""}, 2), HasSubstr("quantity"));
  EXPECT_THAT(corruption_in(one_product(), OrderDrafted{order_id("1"), {line("A", 0)}}, 1),
              HasSubstr("quantity"));
}

TEST(Evolve, RejectsTakingMoreThanStock) {
  EXPECT_THAT(corruption_in(one_product(), StockWrittenOff{sku("A"), 6, 0, ""}, 2),
              HasSubstr("6 units in stock"));
  EXPECT_THAT(corruption_in(one_product(), OrderPlaced{order_id("1"), {stocked("A", 6, 0, 2)}}, 1),
              HasSubstr("6 units in stock"));
}

TEST(Evolve, RejectsReturningOrFulfillingMoreThanHeld) {
  Story story = in_progress();
  story.aggregates().edit(sku("A"))->in_progress = 1;
  EXPECT_THAT(corruption_in(story, OrderAborted{order_id("1"), false, {stocked("A", 2, 5, 3)}, ""}, 2),
              HasSubstr("2 units in progress"));
  EXPECT_THAT(corruption_in(story, OrderFulfilled{order_id("1"), {stocked("A", 2, 3, 3)}, ""}, 2),
              HasSubstr("2 units in progress"));
}

TEST(Evolve, RejectsWrongStockAfterEvent) {
  const auto wrong = HasSubstr("expected stock");
  EXPECT_THAT(corruption_in(one_product(), StockReceived{sku("A"), 1, 7, ""}, 2), wrong);
  EXPECT_THAT(corruption_in(one_product(), StockWrittenOff{sku("A"), 1, 5, ""}, 2), wrong);
  EXPECT_THAT(corruption_in(one_product(), ProductRetired{sku("A"), 4}, 2), wrong);
  EXPECT_THAT(corruption_in(one_product(), OrderPlaced{order_id("1"), {stocked("A", 1, 5, 2)}}, 1), wrong);
  EXPECT_THAT(
      corruption_in(in_progress(), OrderAborted{order_id("1"), false, {stocked("A", 2, 3, 3)}, ""}, 2),
      wrong);
  EXPECT_THAT(corruption_in(in_progress(), OrderFulfilled{order_id("1"), {stocked("A", 2, 5, 3)}, ""}, 2),
              wrong);
}

TEST(Evolve, RejectsOrderThatStartsTwice) {
  EXPECT_EQ(corruption_in(draft(), OrderDrafted{order_id("1"), {line("A", 2)}}, 2),
            "order/1: OrderDrafted cannot happen: it is draft");
  EXPECT_THAT(corruption_in(in_progress(), OrderPlaced{order_id("1"), {stocked("A", 2, 1, 3)}}, 2),
              HasSubstr("it is in_progress"));
}

TEST(Evolve, RejectsEventOfUnknownOrder) {
  const StockedLines lines{stocked("A", 1, 5, 2)};
  EXPECT_THAT(corruption_in(one_product(), OrderAborted{order_id("1"), false, lines, ""}, 1),
              HasSubstr("unknown"));
  EXPECT_THAT(corruption_in(one_product(), OrderAborted{order_id("1"), true, lines, ""}, 1),
              HasSubstr("unknown"));
  EXPECT_THAT(corruption_in(one_product(), OrderFulfilled{order_id("1"), lines, ""}, 1),
              HasSubstr("unknown"));
}

TEST(Evolve, RejectsEndingAnAbortedOrder) {
  Story story = in_progress();
  story.happens(aborted("1"));
  const StockedLines lines{stocked("A", 2, 5, 4)};
  EXPECT_THAT(corruption_in(story, OrderAborted{order_id("1"), false, lines, ""}, 3),
              HasSubstr("it is aborted"));
  EXPECT_THAT(corruption_in(story, OrderFulfilled{order_id("1"), lines, ""}, 3), HasSubstr("it is aborted"));
}

TEST(Evolve, RejectsAbortThatConfusesDraftAndPlacedOrder) {
  const OrderAborted as_draft{order_id("1"), true, {stocked("A", 2, 0, 0)}, ""};
  const OrderAborted as_placed{order_id("1"), false, {stocked("A", 2, 5, 2)}, ""};
  EXPECT_THAT(corruption_in(in_progress(), as_draft, 2), HasSubstr("it is in_progress"));
  EXPECT_THAT(corruption_in(draft(), as_placed, 2), HasSubstr("it is draft"));
}

TEST(Evolve, RejectsFulfillingADraft) {
  EXPECT_THAT(corruption_in(draft(), OrderFulfilled{order_id("1"), {stocked("A", 2, 5, 2)}, ""}, 2),
              HasSubstr("it is draft"));
}

TEST(Evolve, RejectsLinesThatDifferFromOrder) {
  const auto others = HasSubstr("expected the lines of the order");
  EXPECT_THAT(corruption_in(draft(), OrderPlaced{order_id("1"), {stocked("A", 1, 4, 2)}}, 2), others);
  EXPECT_THAT(corruption_in(draft(), OrderPlaced{order_id("1"), {}}, 2), others);
  EXPECT_THAT(corruption_in(draft(), OrderAborted{order_id("1"), true, {stocked("A", 3, 0, 0)}, ""}, 2),
              others);
  EXPECT_THAT(
      corruption_in(in_progress(), OrderAborted{order_id("1"), false, {stocked("B", 2, 5, 3)}, ""}, 2),
      others);
  EXPECT_THAT(
      corruption_in(in_progress(),
                    OrderFulfilled{order_id("1"), {stocked("A", 2, 3, 3), stocked("B", 1, 0, 1)}, ""}, 2),
      others);
}

TEST(Evolve, RejectsAbortedDraftThatMovedStock) {
  EXPECT_THAT(corruption_in(draft(), OrderAborted{order_id("1"), true, {stocked("A", 2, 5, 0)}, ""}, 2),
              HasSubstr("without stock"));
  EXPECT_THAT(corruption_in(draft(), OrderAborted{order_id("1"), true, {stocked("A", 2, 0, 2)}, ""}, 2),
              HasSubstr("without stock"));
}

TEST(Evolve, RejectsMalformedLines) {
  const Story story = given({registered("A", 5), registered("B", 5)});
  const auto wrong = StartsWith("order/1: lines");
  EXPECT_THAT(corruption_in(story, OrderDrafted{order_id("1"), {}}, 1), wrong);
  EXPECT_THAT(corruption_in(story, OrderDrafted{order_id("1"), {line("B", 1), line("A", 1)}}, 1), wrong);
  EXPECT_THAT(corruption_in(story, OrderPlaced{order_id("1"), {}}, 1), wrong);
  EXPECT_THAT(
      corruption_in(story, OrderPlaced{order_id("1"), {stocked("A", 1, 4, 2), stocked("A", 1, 3, 3)}}, 1),
      wrong);
}

/// Every event that only its version can make wrong leaves one aggregate as it was.
TEST(Evolve, LeavesAggregateUnchangedOnCorruption) {
  Story story = in_progress();
  std::optional<Product> product = story.product("A");
  std::optional<Order> order = story.order("1");
  EXPECT_FALSE(evolve(product, sku("A"), recorded(StockReceived{sku("A"), 1, 99, ""}, 3)));
  EXPECT_FALSE(evolve(product, sku("A"), recorded(ProductRetired{sku("A"), 99}, 3)));
  EXPECT_FALSE(evolve(product, sku("A"), recorded(OrderPlaced{order_id("2"), {stocked("A", 1, 99, 3)}}, 1)));
  EXPECT_EQ(product, story.product("A"));
  EXPECT_FALSE(evolve(order, order_id("1"), recorded(OrderAborted{order_id("1"), false, {}, ""}, 2)));
  EXPECT_EQ(order, story.order("1"));

  std::optional<Order> none;
  EXPECT_FALSE(evolve(none, order_id("2"), recorded(OrderDrafted{order_id("2"), {}}, 1)));
  EXPECT_FALSE(evolve(none, order_id("2"), recorded(OrderPlaced{order_id("2"), {}}, 1)));
  EXPECT_EQ(none, std::nullopt);
}

TEST(Evolve, RejectsEventOfAnotherStream) {
  Story story = in_progress();
  std::optional<Product> product = story.product("A");
  std::optional<Order> order = story.order("1");
  const auto elsewhere = [](const Result<void>& folded) {
    return !folded && folded.error().what.find("expected an event of this stream") != std::string::npos;
  };
  for (const Event& event :
       {Event(ProductRegistered{sku("B"), "", 1}), Event(StockReceived{sku("B"), 1, 6, ""}),
        Event(StockWrittenOff{sku("B"), 1, 2, ""}), Event(ProductRetired{sku("B"), 3}),
        Event(OrderDrafted{order_id("2"), {line("A", 1)}}),
        Event(OrderPlaced{order_id("2"), {stocked("B", 1, 2, 3)}}),
        Event(OrderAborted{order_id("2"), true, {stocked("A", 1, 0, 0)}, ""}),
        Event(OrderFulfilled{order_id("2"), {stocked("B", 1, 2, 3)}, ""}), Event(CommandRefused())}) {
    EXPECT_TRUE(elsewhere(evolve(product, sku("A"), recorded(event, 3)))) << name_of(type_of(event));
    EXPECT_TRUE(elsewhere(evolve(order, order_id("1"), recorded(event, 2)))) << name_of(type_of(event));
  }
}

}  // namespace
}  // namespace stockfold
