#include "projections/views.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "projections/all.h"
#include "projections/following/catch_up.h"
#include "projections/history.h"
#include "storage/views/posting_block.h"

namespace stockfold {
namespace {

using testing::ElementsAre;
using testing::Eq;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ViewsTest : public testing::Test {
 protected:
  void given_product(std::string_view id, Units stock = 1'000'000) {
    history_.decide(RegisterProduct{sku(id), "", stock});
  }
  void given_order(std::string_view id, std::string_view product = "A") {
    ASSERT_TRUE(history_.decide(PlaceOrder{order_id(id), {{sku(product), 1}}}));
  }
  const Views& when_caught_up() {
    history_.commit();
    auto started = CatchUp::start(history_.log(), store_, all_projections());
    EXPECT_TRUE(started);
    while (started->step(1'000).value() > 0) {
    }
    return views_;
  }
  std::uint64_t next_number() { return when_caught_up().next_order_number().value(); }

  History history_;
  MemoryViewStore store_{view_names()};
  Views views_{store_};
};

std::vector<std::string> ids_of(const OrderPage& page) {
  std::vector<std::string> ids;
  for (const OrderRow& row : page.rows) ids.push_back(row.order.str());
  return ids;
}

std::vector<GlobalPosition> positions(std::initializer_list<std::uint64_t> numbers) {
  return {numbers.begin(), numbers.end()};
}

TEST_F(ViewsTest, NamesOneViewPerProjection) {
  EXPECT_THAT(view_names(),
              ElementsAre("stock", "orders", "receipts", "streams", "movements", "quarters", "order_index"));
}

TEST_F(ViewsTest, ProductMatchesItsEvents) {
  history_.happens(RegisterProduct{sku("A"), "Apple", 10});
  history_.happens(ReceiveStock{sku("A"), 5, ""});
  history_.happens(WriteOffStock{sku("A"), 2, ""});
  history_.happens(PlaceOrder{order_id("x"), {{sku("A"), 3}}});
  history_.happens(RetireProduct{sku("A")});
  const auto product = when_caught_up().product(sku("A"));
  ASSERT_TRUE(product);
  EXPECT_EQ(product->as_of, GlobalPosition(5));
  EXPECT_EQ(product->state, (Product{"Apple", 15, 2, 3, 0, true, StreamVersion(5), GlobalPosition(1),
                                     GlobalPosition(5), GlobalPosition(5)}));
}

TEST_F(ViewsTest, UnknownProductHasPositionButNoState) {
  given_product("A");
  const auto product = when_caught_up().product(sku("B"));
  ASSERT_TRUE(product);
  EXPECT_EQ(product->state, std::nullopt);
  EXPECT_EQ(product->as_of, GlobalPosition(1));
}

TEST_F(ViewsTest, OrderFollowsEachOfItsEvents) {
  given_product("A");
  const Lines lines{{sku("A"), 3}};
  const OrderId id = order_id("x");
  const auto seen = [&] { return when_caught_up().order(id)->state; };

  history_.happens(DraftOrder{id, lines}, {}, "anna");
  EXPECT_EQ(seen(), (Order{OrderStatus::draft, lines, StreamVersion(1), GlobalPosition(2), "anna"}));
  history_.happens(PlaceOrder{id, {}}, {}, "bert");
  EXPECT_EQ(seen(), (Order{OrderStatus::in_progress, lines, StreamVersion(2), GlobalPosition(3), "bert"}));
  history_.happens(FulfilOrder{id, ""});
  EXPECT_EQ(seen(), (Order{OrderStatus::fulfilled, lines, StreamVersion(3), GlobalPosition(4), ""}));
}

TEST_F(ViewsTest, AbortedDraftTouchesNoProduct) {
  given_product("A");
  history_.happens(DraftOrder{order_id("x"), {{sku("A"), 3}}});
  history_.happens(AbortOrder{order_id("x"), ""});
  const Views& views = when_caught_up();
  EXPECT_EQ(views.order(order_id("x"))->state->status, OrderStatus::aborted);
  EXPECT_EQ(views.product(sku("A"))->state->version, StreamVersion(1));
  EXPECT_EQ(views.stream(StreamId::of(sku("A")), GlobalPosition(0), 9).value(), positions({1}));
  EXPECT_EQ(views.stream(StreamId::of(order_id("x")), GlobalPosition(0), 9).value(), positions({2, 3}));
}

TEST_F(ViewsTest, RefusalLeavesReceiptOnly) {
  EXPECT_FALSE(history_.decide(RetireProduct{sku("A")}, identity(9)));
  const Views& views = when_caught_up();
  const std::array ids{identity(9).id, identity(8).id};
  EXPECT_THAT(views.receipts(ids).value(),
              ElementsAre(Receipts{{identity(9).body, GlobalPosition(1)}}, Receipts{}));
  Contents contents = contents_of(store_);
  EXPECT_THAT(contents["stock"], IsEmpty());
  EXPECT_THAT(contents["orders"], IsEmpty());
  EXPECT_THAT(contents["streams"], IsEmpty());
}

TEST_F(ViewsTest, LoadsRowsInOrderOfIds) {
  given_product("A", 3);
  given_product("B", 5);
  given_order("x");
  const Views& views = when_caught_up();
  const auto products = views.load(std::vector{sku("B"), sku("none"), sku("A")});
  ASSERT_TRUE(products);
  ASSERT_THAT(*products, SizeIs(3));
  EXPECT_EQ((*products)[0]->stock(), 5U);
  EXPECT_EQ((*products)[1], std::nullopt);
  EXPECT_EQ((*products)[2]->stock(), 2U);
  const auto orders = views.load(std::vector{order_id("none"), order_id("x")});
  ASSERT_TRUE(orders);
  EXPECT_EQ((*orders)[0], std::nullopt);
  EXPECT_EQ((*orders)[1]->status, OrderStatus::in_progress);
}

TEST_F(ViewsTest, DamagedRowIsCorruptionForEveryRead) {
  ASSERT_TRUE(store_.view("stock").write({{"pA", "\xFF"}}, {}));
  EXPECT_EQ(views_.product(sku("A")).error().kind, FaultKind::corruption);
  EXPECT_EQ(views_.products({}, 10).error().kind, FaultKind::corruption);
  EXPECT_EQ(views_.load(std::vector{sku("A")}).error().kind, FaultKind::corruption);
}

// ---- the next order number --------------------------------------------------------------------------------

TEST_F(ViewsTest, OrderNumbersStartAtOne) { EXPECT_EQ(next_number(), 1U); }

TEST_F(ViewsTest, TakenNumberIsNotOfferedNext) {
  given_product("A");
  given_order("1");
  EXPECT_EQ(next_number(), 2U);
  ASSERT_TRUE(history_.decide(DraftOrder{order_id("2"), {{sku("A"), 1}}}));
  EXPECT_EQ(next_number(), 3U);
}

TEST_F(ViewsTest, SkipsNumbersTakenInAdvance) {
  given_product("A");
  given_order("2");
  given_order("3");
  given_order("5");
  EXPECT_EQ(next_number(), 1U);
  given_order("1");
  EXPECT_EQ(next_number(), 4U);
}

TEST_F(ViewsTest, ManyAdvanceNumbersYieldSameRowsForAnySteps) {
  given_product("A");
  for (int number = 2; number <= 1'500; ++number) given_order(std::to_string(number));
  when_caught_up();
  given_order("1");
  EXPECT_EQ(next_number(), 1'501U);
  MemoryViewStore at_once(view_names());
  auto started = CatchUp::start(history_.log(), at_once, all_projections());
  ASSERT_TRUE(started);
  while (started->step(1'000'000).value() > 0) {
  }
  EXPECT_EQ(contents_of(store_), contents_of(at_once));
}

TEST_F(ViewsTest, OnlyShortestFormCountsAsNumber) {
  given_product("A");
  for (const char* id : {"01", "1x", "0", "-1", "1.0", "18446744073709551617"}) given_order(id);
  EXPECT_EQ(next_number(), 1U);
}

// ---- lists ------------------------------------------------------------------------------------------------

TEST_F(ViewsTest, ListContinuesFromItsNextId) {
  given_product("A");
  for (const char* id : {"a", "b", "c", "1", "d"}) given_order(id);
  const Views& views = when_caught_up();
  const auto first = views.orders({}, 2, {});
  ASSERT_TRUE(first);
  EXPECT_THAT(ids_of(*first), ElementsAre("1", "a"));
  EXPECT_EQ(first->next, order_id("b"));
  EXPECT_EQ(first->as_of, GlobalPosition(6));
  const auto second = views.orders(first->next, 3, {});
  ASSERT_TRUE(second);
  EXPECT_THAT(ids_of(*second), ElementsAre("b", "c", "d"));
  EXPECT_EQ(second->next, std::nullopt);
}

TEST_F(ViewsTest, EmptyListIsItsLastPage) {
  const auto page = when_caught_up().products({}, 10);
  ASSERT_TRUE(page);
  EXPECT_THAT(page->rows, IsEmpty());
  EXPECT_EQ(page->next, std::nullopt);
}

TEST_F(ViewsTest, ListsProductsInByteOrder) {
  for (const char* id : {"b", "B", "a", "_"}) given_product(id);
  const auto page = when_caught_up().products(sku("_"), 2);
  ASSERT_TRUE(page);
  ASSERT_THAT(page->rows, SizeIs(2));
  EXPECT_EQ(page->rows[0].sku, sku("_"));
  EXPECT_EQ(page->rows[1].sku, sku("a"));
  EXPECT_EQ(page->next, sku("b"));
}

TEST_F(ViewsTest, FiltersOrdersByStatusAndProduct) {
  given_product("A");
  given_product("B");
  given_order("1", "A");
  given_order("2", "B");
  given_order("3", "A");
  ASSERT_TRUE(history_.decide(AbortOrder{order_id("3"), ""}));
  const Views& views = when_caught_up();
  EXPECT_THAT(ids_of(*views.orders({}, 9, {OrderStatus::in_progress, {}})), ElementsAre("1", "2"));
  EXPECT_THAT(ids_of(*views.orders({}, 9, {{}, sku("A")})), ElementsAre("1", "3"));
  EXPECT_THAT(ids_of(*views.orders({}, 9, {OrderStatus::aborted, sku("A")})), ElementsAre("3"));
  EXPECT_THAT(ids_of(*views.orders({}, 9, {OrderStatus::aborted, sku("B")})), IsEmpty());
}

TEST_F(ViewsTest, BoundsPageSize) {
  given_product("A");
  for (int i = 0; i < 1'001; ++i) given_order(std::to_string(100'000 + i));
  const auto page = when_caught_up().orders({}, 1'000'000, {});
  ASSERT_TRUE(page);
  EXPECT_THAT(page->rows, SizeIs(1'000));
  EXPECT_EQ(page->next, order_id("101000"));
}

TEST_F(ViewsTest, BoundsRowsSkippedByFilter) {
  given_product("A");
  for (int i = 0; i < 10'001; ++i) given_order(std::to_string(100'000 + i));
  ASSERT_TRUE(history_.decide(AbortOrder{order_id("110000"), ""}));
  const Views& views = when_caught_up();
  const OrderFilter aborted{OrderStatus::aborted, {}};
  const auto first = views.orders({}, 5, aborted);
  ASSERT_TRUE(first);
  EXPECT_THAT(first->rows, IsEmpty());
  ASSERT_THAT(first->next, Eq(order_id("110000")));
  EXPECT_THAT(ids_of(*views.orders(first->next, 5, aborted)), ElementsAre("110000"));
}

// ---- streams ----------------------------------------------------------------------------------------------

TEST_F(ViewsTest, ReadsStreamFromPosition) {
  given_product("A");  // 1
  given_product("B");  // 2
  given_order("x");    // 3
  given_order("y", "B");
  given_order("z");  // 5
  const Views& views = when_caught_up();
  const StreamId product = StreamId::of(sku("A"));
  EXPECT_EQ(views.stream(product, GlobalPosition(0), 9).value(), positions({1, 3, 5}));
  EXPECT_EQ(views.stream(product, GlobalPosition(2), 9).value(), positions({3, 5}));
  EXPECT_EQ(views.stream(product, GlobalPosition(3), 1).value(), positions({3}));
  EXPECT_EQ(views.stream(product, GlobalPosition(5), 9).value(), positions({5}));
  EXPECT_THAT(views.stream(product, GlobalPosition(6), 9).value(), IsEmpty());
  EXPECT_THAT(views.stream(product, GlobalPosition(0), 0).value(), IsEmpty());
  EXPECT_THAT(views.stream(StreamId::of(sku("none")), GlobalPosition(0), 9).value(), IsEmpty());
}

TEST_F(ViewsTest, SeparatesStreamsWithSimilarNames) {
  given_product("x");
  given_product("xx");
  given_order("x", "x");
  const Views& views = when_caught_up();
  EXPECT_EQ(views.stream(StreamId::of(sku("x")), GlobalPosition(0), 9).value(), positions({1, 3}));
  EXPECT_EQ(views.stream(StreamId::of(sku("xx")), GlobalPosition(0), 9).value(), positions({2}));
  EXPECT_EQ(views.stream(StreamId::of(order_id("x")), GlobalPosition(0), 9).value(), positions({3}));
}

TEST_F(ViewsTest, ReadsLongStreamFromEveryPosition) {
  constexpr std::uint64_t kEvents = 3'000;
  given_product("A");
  given_product("B");
  for (std::uint64_t i = 0; i < kEvents; ++i) {
    ASSERT_TRUE(history_.decide(ReceiveStock{sku(i % 3 == 0 ? "A" : "B"), 1, ""}));
  }
  const Views& views = when_caught_up();
  std::vector<GlobalPosition> expected = positions({1});
  for (std::uint64_t i = 0; i < kEvents; i += 3) expected.emplace_back(i + 3);
  ASSERT_EQ(views.stream(StreamId::of(sku("A")), GlobalPosition(0), kEvents).value(), expected);
  for (std::uint64_t from = 0; from <= kEvents + 3; from += 17) {
    const auto first = std::ranges::lower_bound(expected, GlobalPosition(from));
    const std::vector<GlobalPosition> rest(first, expected.end());
    ASSERT_EQ(views.stream(StreamId::of(sku("A")), GlobalPosition(from), kEvents).value(), rest)
        << "from " << from;
  }
}

TEST_F(ViewsTest, ReadsStreamThatEndsWithBlock) {
  given_product("A");
  std::vector<GlobalPosition> expected = positions({1});
  for (std::uint64_t position = 2; position <= 2 * kBlockPositions; ++position) {
    ASSERT_TRUE(history_.decide(ReceiveStock{sku("A"), 1, ""}));
    expected.emplace_back(position);
  }
  const Views& views = when_caught_up();
  const StreamId stream = StreamId::of(sku("A"));
  EXPECT_EQ(contents_of(store_)["streams"].size(), 2U);
  EXPECT_EQ(views.stream(stream, GlobalPosition(0), 1'000).value(), expected);
  EXPECT_THAT(views.stream(stream, expected.back(), 9).value(), ElementsAre(expected.back()));
  EXPECT_THAT(views.stream(stream, expected.back().next(), 9).value(), IsEmpty());
}

TEST_F(ViewsTest, ReadsOrderStreamFromPosition) {
  given_product("A");
  history_.happens(DraftOrder{order_id("x"), {{sku("A"), 3}}});  // 2
  given_product("B");
  history_.happens(PlaceOrder{order_id("x"), {}});  // 4
  given_product("C");
  history_.happens(FulfilOrder{order_id("x"), ""});  // 6
  const Views& views = when_caught_up();
  const StreamId order = StreamId::of(order_id("x"));
  EXPECT_EQ(views.stream(order, GlobalPosition(0), 9).value(), positions({2, 4, 6}));
  EXPECT_EQ(views.stream(order, GlobalPosition(3), 9).value(), positions({4, 6}));
  EXPECT_EQ(views.stream(order, GlobalPosition(0), 1).value(), positions({2}));
  EXPECT_THAT(views.stream(order, GlobalPosition(7), 9).value(), IsEmpty());
  EXPECT_THAT(views.stream(StreamId::of(order_id("y")), GlobalPosition(0), 9).value(), IsEmpty());
}

TEST_F(ViewsTest, LoadsReceiptsInOrderOfIds) {
  for (const auto& id : {identity(3), identity(5)}) {
    EXPECT_FALSE(history_.decide(RetireProduct{sku("A")}, id));
  }
  const auto receipts =
      when_caught_up().receipts(std::vector{identity(5).id, identity(4).id, identity(3).id});
  ASSERT_TRUE(receipts);
  EXPECT_THAT(*receipts, ElementsAre(Receipts{{identity(5).body, GlobalPosition(2)}}, Receipts{},
                                     Receipts{{identity(3).body, GlobalPosition(1)}}));
  EXPECT_THAT(views_.receipts({}).value(), IsEmpty());
}

TEST_F(ViewsTest, KeepsReceiptOfEachCallerForOneId) {
  for (const char* actor : {"shop-a", "shop-b"}) {
    EXPECT_FALSE(history_.decide(RetireProduct{sku("A")}, identity(9), actor));
  }
  when_caught_up();
  history_.commit();
  EXPECT_FALSE(history_.decide(RetireProduct{sku("B")}, identity(9), "shop-c"));
  const std::array ids{identity(9).id};
  const CommandIdentity used = identity(9);
  EXPECT_THAT(when_caught_up().receipts(ids).value(), ElementsAre(Receipts{{used.body, GlobalPosition(1)},
                                                                           {used.body, GlobalPosition(2)},
                                                                           {used.body, GlobalPosition(3)}}));
}

TEST_F(ViewsTest, WritesSameReceiptsForAnyBatches) {
  for (const char* actor : {"shop-a", "", "shop-a", "shop-b"}) {
    EXPECT_FALSE(history_.decide(RetireProduct{sku("A")}, identity(9), actor));
    history_.commit();
  }
  MemoryViewStore one_by_one(view_names());
  catch_up(history_, one_by_one, 1);
  EXPECT_EQ(contents_of(one_by_one), contents_after_all_of(history_));
}

TEST_F(ViewsTest, DamagedReceiptsAreCorruptionOnAdd) {
  ASSERT_TRUE(store_.view("receipts").write({{"\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t", "short"}}, {}));
  const auto fold = projection_named("receipts")->fold(store_.view("receipts"));
  const std::vector<RecordedEvent> events{{.position = GlobalPosition(1),
                                           .time = UnixMillis(0),
                                           .version = StreamVersion(0),
                                           .identity = identity(9),
                                           .actor = "shop-a",
                                           .event = ProductRetired{sku("A"), 0}}};
  RowChanges rows;
  ASSERT_TRUE(fold->apply(events, rows));
  const auto finished = fold->finish(rows);
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().kind, FaultKind::corruption);
  EXPECT_THAT(finished.error().what,
              HasSubstr("the receipts of command id 09090909-0909-0909-0909-090909090909 are damaged"));
}

TEST_F(ViewsTest, MissingStreamBlockIsCorruption) {
  given_product("A");
  for (std::size_t i = 0; i < 3 * kBlockPositions; ++i) {
    ASSERT_TRUE(history_.decide(ReceiveStock{sku("A"), 1, ""}));
  }
  when_caught_up();
  std::string key("A\0", 2);
  key.append(7, '\0').push_back('\1');
  ASSERT_TRUE(store_.view("streams").write({{key, std::nullopt}}, {}));
  const auto found = views_.stream(StreamId::of(sku("A")), GlobalPosition(0), 1'000);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, FaultKind::corruption);
}

}  // namespace
}  // namespace stockfold
