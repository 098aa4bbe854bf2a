// Decisions on orders: every cell of the domain's table.
#include <gtest/gtest.h>

#include "core/given.h"

namespace stockfold {
namespace {

TEST(DraftOrder, KeepsLinesAndTakesNoStock) {
  given({registered("A", 0)})
      .when(drafted("1", {line("A", 9)}))
      .then(OrderDrafted{order_id("1"), {line("A", 9)}}, 1);
}

TEST(DraftOrder, IsRefusedWhenOrderExists) {
  given({registered("A", 5), placed("1", {line("A", 1)}), aborted("1")})
      .when(drafted("1", {line("A", 1)}))
      .then_refused({.rule = Rule::order_exists, .subject = "order/1", .obstacle = 3});
}

TEST(DraftOrder, IsRefusedForTheFirstUnknownProduct) {
  given({registered("B", 5)})
      .when(drafted("1", {line("A", 1), line("B", 1), line("C", 1)}))
      .then_refused({.rule = Rule::unknown_product, .subject = "product/A"});
}

TEST(DraftOrder, IsRefusedForTheFirstRetiredProduct) {
  given({registered("A", 5), registered("B", 5), registered("C", 5), retired("C"), retired("B")})
      .when(drafted("1", {line("A", 1), line("B", 1), line("C", 1)}))
      .then_refused({.rule = Rule::product_retired, .subject = "product/B", .obstacle = 5});
}

TEST(PlaceOrder, TakesStockForEveryLine) {
  given({registered("A", 5), registered("B", 2), received("B", 1)})
      .when(placed("1", {line("A", 5), line("B", 1)}))
      .then(OrderPlaced{order_id("1"), {stocked("A", 5, 0, 2), stocked("B", 1, 2, 3)}}, 1);
}

TEST(PlaceOrder, IsRefusedWhenOrderExists) {
  given({registered("A", 5), placed("1", {line("A", 1)})})
      .when(placed("1", {line("A", 1)}))
      .then_refused({.rule = Rule::order_exists, .subject = "order/1", .obstacle = 2});
}

TEST(PlaceOrder, IsRefusedWithLinesWhenDraftExists) {
  given({registered("A", 5), drafted("1", {line("A", 1)})})
      .when(placed("1", {line("A", 1)}))
      .then_refused({.rule = Rule::order_exists, .subject = "order/1", .obstacle = 2});
}

TEST(PlaceOrder, IsRefusedForAnUnknownProduct) {
  given({registered("A", 5)})
      .when(placed("1", {line("A", 1), line("B", 1)}))
      .then_refused({.rule = Rule::unknown_product, .subject = "product/B"});
}

TEST(PlaceOrder, IsRefusedForARetiredProduct) {
  given({registered("A", 5), retired("A")})
      .when(placed("1", {line("A", 1)}))
      .then_refused({.rule = Rule::product_retired, .subject = "product/A", .obstacle = 2});
}

TEST(PlaceOrder, TakesNothingWhenOneLineIsShort) {
  Story story = given({registered("A", 5), registered("B", 1), registered("C", 0)});
  story.when(placed("1", {line("A", 1), line("B", 2), line("C", 1)}))
      .then_refused(
          {.rule = Rule::insufficient_stock, .subject = "product/B", .obstacle = 2, .requested = 2});
  EXPECT_EQ(story.product("A").stock(), 5U);
  EXPECT_EQ(story.product("B").stock(), 1U);
}

TEST(PlaceOrder, SellsTheLastUnitOnce) {
  given({registered("A", 1), placed("1", {line("A", 1)})})
      .when(placed("2", {line("A", 1)}))
      .then_refused(
          {.rule = Rule::insufficient_stock, .subject = "product/A", .obstacle = 2, .requested = 1});
}

TEST(PlaceOrder, PlacesADraftWithItsLines) {
  given({registered("A", 5), drafted("1", {line("A", 2)})})
      .when(placed_draft("1"))
      .then(OrderPlaced{order_id("1"), {stocked("A", 2, 3, 2)}}, 2);
}

TEST(PlaceOrder, IsRefusedForUnknownDraft) {
  given({registered("A", 5)})
      .when(placed_draft("1"))
      .then_refused({.rule = Rule::unknown_order, .subject = "order/1"});
}

TEST(PlaceOrder, IsRefusedWithoutLinesWhenOrderIsNotDraft) {
  const auto not_draft = [](std::uint64_t obstacle) {
    return Why{.rule = Rule::order_not_draft, .subject = "order/1", .obstacle = obstacle};
  };
  given({registered("A", 5), placed("1", {line("A", 1)})}).when(placed_draft("1")).then_refused(not_draft(2));
  given({registered("A", 5), placed("1", {line("A", 1)}), fulfilled("1")})
      .when(placed_draft("1"))
      .then_refused(not_draft(3));
  given({registered("A", 5), drafted("1", {line("A", 1)}), aborted("1")})
      .when(placed_draft("1"))
      .then_refused(not_draft(3));
}

TEST(PlaceOrder, IsRefusedForDraftWithRetiredProduct) {
  given({registered("A", 5), drafted("1", {line("A", 1)}), retired("A")})
      .when(placed_draft("1"))
      .then_refused({.rule = Rule::product_retired, .subject = "product/A", .obstacle = 3});
}

TEST(PlaceOrder, IsRefusedForDraftWhenStockIsShort) {
  given({registered("A", 5), drafted("1", {line("A", 6)})})
      .when(placed_draft("1"))
      .then_refused(
          {.rule = Rule::insufficient_stock, .subject = "product/A", .obstacle = 1, .requested = 6});
}

TEST(PlaceOrder, IsRefusedForDraftWithUnknownProduct) {
  Story story = given({});
  story.aggregates().edit(order_id("1")) =
      Order{OrderStatus::draft, {line("A", 1)}, StreamVersion(1), {}, ""};
  story.when(placed_draft("1")).then_refused({.rule = Rule::unknown_product, .subject = "product/A"});
}

TEST(AbortOrder, ReturnsStockOfEveryLine) {
  given({registered("A", 5), registered("B", 2), placed("1", {line("A", 5), line("B", 1)}), received("B", 4)})
      .when(aborted("1"))
      .then(
          OrderAborted{
              order_id("1"), false, {stocked("A", 5, 5, 3), stocked("B", 1, 6, 4)}, "changed my mind"},
          2);
}

TEST(AbortOrder, MovesNoStockForDraft) {
  given({registered("A", 5), drafted("1", {line("A", 2)})})
      .when(aborted("1"))
      .then(OrderAborted{order_id("1"), true, {stocked("A", 2, 0, 0)}, "changed my mind"}, 2);
}

TEST(AbortOrder, ReturnsStockOfPlacedDraft) {
  given({registered("A", 5), drafted("1", {line("A", 2)}), placed_draft("1")})
      .when(aborted("1"))
      .then(OrderAborted{order_id("1"), false, {stocked("A", 2, 5, 3)}, "changed my mind"}, 3);
}

TEST(AbortOrder, ReturnsStockToRetiredProduct) {
  given({registered("A", 5), placed("1", {line("A", 2)}), retired("A")})
      .when(aborted("1"))
      .then(OrderAborted{order_id("1"), false, {stocked("A", 2, 5, 4)}, "changed my mind"}, 2);
}

TEST(AbortOrder, IsRefusedForAnUnknownOrder) {
  given({}).when(aborted("1")).then_refused({.rule = Rule::unknown_order, .subject = "order/1"});
}

TEST(AbortOrder, IsRefusedTheSecondTime) {
  given({registered("A", 5), placed("1", {line("A", 2)}), aborted("1")})
      .when(aborted("1"))
      .then_refused({.rule = Rule::order_already_aborted, .subject = "order/1", .obstacle = 3});
}

TEST(AbortOrder, IsRefusedForAFulfilledOrder) {
  given({registered("A", 5), placed("1", {line("A", 2)}), fulfilled("1")})
      .when(aborted("1"))
      .then_refused({.rule = Rule::order_already_fulfilled, .subject = "order/1", .obstacle = 3});
}

TEST(FulfilOrder, LeavesStockUnchanged) {
  given({registered("A", 5), placed("1", {line("A", 2)})})
      .when(fulfilled("1"))
      .then(OrderFulfilled{order_id("1"), {stocked("A", 2, 3, 3)}, "sent"}, 2);
}

TEST(FulfilOrder, IsAllowedWhenProductWasRetiredMeanwhile) {
  given({registered("A", 5), placed("1", {line("A", 2)}), retired("A")})
      .when(fulfilled("1"))
      .then(OrderFulfilled{order_id("1"), {stocked("A", 2, 3, 4)}, "sent"}, 2);
}

TEST(FulfilOrder, IsRefusedForAnUnknownOrder) {
  given({}).when(fulfilled("1")).then_refused({.rule = Rule::unknown_order, .subject = "order/1"});
}

TEST(FulfilOrder, IsRefusedForAnAbortedOrder) {
  given({registered("A", 5), drafted("1", {line("A", 2)}), aborted("1")})
      .when(fulfilled("1"))
      .then_refused({.rule = Rule::order_already_aborted, .subject = "order/1", .obstacle = 3});
}

TEST(FulfilOrder, IsRefusedTheSecondTime) {
  given({registered("A", 5), placed("1", {line("A", 2)}), fulfilled("1")})
      .when(fulfilled("1"))
      .then_refused({.rule = Rule::order_already_fulfilled, .subject = "order/1", .obstacle = 3});
}

TEST(FulfilOrder, IsRefusedForADraft) {
  given({registered("A", 5), drafted("1", {line("A", 2)})})
      .when(fulfilled("1"))
      .then_refused({.rule = Rule::order_not_in_progress, .subject = "order/1", .obstacle = 2});
}

TEST(ExpectedVersion, AcceptsCommandWhenItMatches) {
  const Story story = given({registered("A", 5), placed("1", {line("A", 2)})});
  EXPECT_EQ(story.when(aborted("1"), ExpectedVersion::exactly(StreamVersion(1))).rule(), "accepted");
  EXPECT_EQ(story.when(received("A", 1), ExpectedVersion::exactly(StreamVersion(2))).rule(), "accepted");
  EXPECT_EQ(story.when(registered("B", 1), ExpectedVersion::no_stream()).rule(), "accepted");
  EXPECT_EQ(story.when(placed("2", {line("A", 1)}), ExpectedVersion::no_stream()).rule(), "accepted");
}

TEST(ExpectedVersion, AppliesToStreamNamedByCommand) {
  const Story story = given({registered("A", 5), placed("1", {line("A", 2)})});
  const auto two = ExpectedVersion::exactly(StreamVersion(2));
  story.when(aborted("1"), two)
      .then_refused({.rule = Rule::version_conflict, .subject = "order/1", .obstacle = 2, .expected = two});
}

TEST(ExpectedVersion, ConflictsWhenExistenceDiffers) {
  const Story story = given({registered("A", 5)});
  const auto none = ExpectedVersion::no_stream();
  const auto two = ExpectedVersion::exactly(StreamVersion(2));
  story.when(registered("A", 1), none)
      .then_refused(
          {.rule = Rule::version_conflict, .subject = "product/A", .obstacle = 1, .expected = none});
  story.when(placed("1", {line("A", 1)}), two)
      .then_refused({.rule = Rule::version_conflict, .subject = "order/1", .expected = two});
}

}  // namespace
}  // namespace stockfold
