#include "projections/past.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "projections/all.h"
#include "projections/following/catch_up.h"
#include "projections/history.h"
#include "projections/position_at.h"

namespace stockfold {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// The views of a history, and its past.
class Told {
 public:
  Told(History& history, Intervals intervals) : log_(history.log()), intervals_(intervals) {
    catch_up(1'000);
  }

  void catch_up(std::size_t events_a_batch) {
    const auto stock = stock_projection(intervals_);
    const std::vector<const Projection*> projections{stock.get(), &order_projection(), &receipt_projection(),
                                                     &stream_projection()};
    auto following = CatchUp::start(log_, store_, projections);
    ASSERT_TRUE(following) << following.error().what;
    while (following->step(events_a_batch).value() > 0) {
    }
  }
  [[nodiscard]] Past past() { return {store_, log_, intervals_}; }
  MemoryViewStore& store() { return store_; }

 private:
  const EventLog& log_;
  Intervals intervals_;
  MemoryViewStore store_{view_names()};
};

std::map<Sku, Product> listed_products(const Past& past, GlobalPosition at, std::size_t page_size) {
  std::map<Sku, Product> listed;
  for (std::optional<Sku> from;;) {
    const auto page = past.products(from, page_size, at);
    EXPECT_TRUE(page) << page.error().what;
    if (!page) return listed;
    EXPECT_EQ(page->as_of, at);
    for (const auto& [sku, product] : page->rows) listed.emplace(sku, product);
    if (!page->next) return listed;
    from = page->next;
  }
}

std::map<OrderId, Order> listed_orders(const Past& past, const OrderFilter& filter, GlobalPosition at,
                                       std::size_t page_size) {
  std::map<OrderId, Order> listed;
  for (std::optional<OrderId> from;;) {
    const auto page = past.orders(from, page_size, filter, at);
    EXPECT_TRUE(page) << page.error().what;
    if (!page) return listed;
    EXPECT_EQ(page->as_of, at);
    for (const auto& [id, order] : page->rows) listed.emplace(id, order);
    if (!page->next) return listed;
    from = page->next;
  }
}

std::map<Sku, Product> products_in(const Everything& state) {
  std::map<Sku, Product> products;
  for (const auto& [sku, product] : state.products) {
    if (product) products.emplace(sku, *product);
  }
  return products;
}

std::map<OrderId, Order> orders_in(const Everything& state, const OrderFilter& filter) {
  std::map<OrderId, Order> orders;
  for (const auto& [id, order] : state.orders) {
    if (order && filter.takes(*order)) orders.emplace(id, *order);
  }
  return orders;
}

OrderFilter any_filter() {
  OrderFilter filter;
  if (*rc::gen::arbitrary<bool>()) {
    filter.status = *rc::gen::element(OrderStatus::draft, OrderStatus::in_progress, OrderStatus::aborted,
                                      OrderStatus::fulfilled);
  }
  if (*rc::gen::arbitrary<bool>()) filter.product = sku(*rc::gen::element<std::string>("A", "B"));
  return filter;
}

RC_GTEST_PROP(Past, EqualsFoldOfEarlierEvents, ()) {
  History history;
  play(history);
  Told told(history, {*rc::gen::element<std::uint64_t>(1, 2, 7, 1'000)});
  const Past past = told.past();
  const OrderFilter filter = any_filter();
  const auto page_size = *rc::gen::inRange<std::size_t>(1, 5);
  for (GlobalPosition at; at <= history.head(); at = at.next()) {
    const Everything then = fold_of(history, at);
    for (const char* id : {"A", "B", "C", "none"}) {
      const Product* product = then.find(sku(id));
      RC_ASSERT(past.product(sku(id), at).value() == (product ? std::optional(*product) : std::nullopt));
    }
    for (int id = 0; id < 9; ++id) {
      const OrderId order = order_id(std::to_string(id));
      const Order* state = then.find(order);
      RC_ASSERT(past.order(order, at).value() == (state ? std::optional(*state) : std::nullopt));
    }
    RC_ASSERT(listed_products(past, at, page_size) == products_in(then));
    RC_ASSERT(listed_orders(past, filter, at, page_size) == orders_in(then, filter));
  }
}

RC_GTEST_PROP(Past, DependsOnLogNotOnBatches, ()) {
  History history;
  const Intervals intervals{*rc::gen::inRange<std::uint64_t>(1, 20)};
  Told step_by_step(history, intervals);
  for (int part = 0; part < 3; ++part) {
    play(history);
    step_by_step.catch_up(*rc::gen::inRange<std::size_t>(1, 30));
  }
  Told at_once(history, intervals);
  RC_ASSERT(contents_of(step_by_step.store()) == contents_of(at_once.store()));
}

class PastTest : public testing::Test {
 protected:
  void given_receipts(std::string_view id, int count) {
    for (int i = 0; i < count; ++i) history_.happens(ReceiveStock{sku(id), 1, ""});
  }
  [[nodiscard]] std::vector<std::string> history_rows(Told& told) {
    std::vector<std::string> keys;
    const auto rows = contents_of(told.store()).at("stock");
    for (const auto& [key, row] : rows) {
      if (key.starts_with('h')) keys.push_back(key);
    }
    return keys;
  }

  History history_;
};

// Looking up single events and reading all events in sequence give the same answers.
TEST_F(PastTest, ReturnsProductsThatChangeOftenOrRarely) {
  for (const char* id : {"often", "rarely", "seldom"}) history_.happens(RegisterProduct{sku(id), id, 0});
  for (int i = 1; i <= 1'200; ++i) {
    const char* id = i % 300 == 0 ? "rarely" : (i % 50 == 0 ? "seldom" : "often");
    ASSERT_TRUE(history_.decide(ReceiveStock{sku(id), 1, ""}));
    if (i % 3 == 0) history_.commit();
  }
  history_.commit();
  Told told(history_, {500});
  const Past past = told.past();
  for (std::uint64_t position = 0; position <= history_.head().value(); position += 37) {
    const GlobalPosition at(position);
    const Everything then = fold_of(history_, at);
    for (const auto& [id, product] : products_in(then)) EXPECT_EQ(past.product(id, at).value(), product);
    EXPECT_EQ(listed_products(past, at, 2), products_in(then)) << "at " << position;
  }
}

TEST_F(PastTest, KeepsOneRowPerIntervalWithChanges) {
  history_.happens(RegisterProduct{sku("A"), "", 0});  // 1
  history_.happens(RegisterProduct{sku("B"), "", 0});  // 2
  given_receipts("A", 10);                             // 3 to 12
  Told told(history_, {4});
  const std::string first = std::string("hA\0", 3) + "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";
  const std::string second = std::string("hA\0", 3) + "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE";
  EXPECT_THAT(history_rows(told), ElementsAre(second, first));
}

TEST_F(PastTest, IsEmptyBeforeTheFirstEvent) {
  history_.happens(RegisterProduct{sku("A"), "", 5});
  history_.happens(PlaceOrder{order_id("1"), {{sku("A"), 1}}});
  Told told(history_, {});
  const Past past = told.past();
  EXPECT_EQ(past.product(sku("A"), GlobalPosition(0)).value(), std::nullopt);
  EXPECT_EQ(past.order(order_id("1"), GlobalPosition(1)).value(), std::nullopt);
  EXPECT_THAT(past.products({}, 10, GlobalPosition(0))->rows, IsEmpty());
  EXPECT_THAT(past.orders({}, 10, {}, GlobalPosition(1))->rows, IsEmpty());
}

TEST_F(PastTest, BoundsWorkOfOneOrderPage) {
  history_.happens(RegisterProduct{sku("A"), "", 5'000});
  for (int i = 0; i < 1'500; ++i) {
    ASSERT_TRUE(history_.decide(PlaceOrder{order_id(std::to_string(10'000 + i)), {{sku("A"), 1}}}));
  }
  history_.commit();
  const GlobalPosition all_placed = history_.head();
  for (int i = 0; i < 1'500; ++i) {
    ASSERT_TRUE(history_.decide(AbortOrder{order_id(std::to_string(10'000 + i)), ""}));
  }
  history_.commit();
  Told told(history_, {});
  const auto page = told.past().orders({}, 10, {OrderStatus::aborted, {}}, all_placed);
  ASSERT_TRUE(page);
  EXPECT_THAT(page->rows, IsEmpty());
  EXPECT_EQ(page->next, order_id("11000"));
}

TEST_F(PastTest, DamagedHistoryRowIsCorruption) {
  history_.happens(RegisterProduct{sku("A"), "", 0});
  given_receipts("A", 20);
  Told told(history_, {4});
  View& stock = told.store().view("stock");
  ASSERT_TRUE(stock.write({{history_rows(told).at(1), "\xFF"}}, stock.checkpoint()));  // of 13 to 16
  EXPECT_EQ(told.past().product(sku("A"), GlobalPosition(16)).value()->received, 15U);
  EXPECT_EQ(told.past().product(sku("A"), history_.head()).value()->received, 20U);
  EXPECT_EQ(told.past().product(sku("A"), GlobalPosition(18)).error().kind, FaultKind::corruption);
}

TEST_F(PastTest, MissingHistoryRowIsCorruption) {
  history_.happens(RegisterProduct{sku("A"), "", 0});
  given_receipts("A", 20);
  Told told(history_, {4});
  View& stock = told.store().view("stock");
  ASSERT_TRUE(stock.write({{history_rows(told).at(1), std::nullopt}}, stock.checkpoint()));
  EXPECT_EQ(told.past().product(sku("A"), GlobalPosition(18)).error().kind, FaultKind::corruption);
}

// ---- times ------------------------------------------------------------------------------------------------

RC_GTEST_PROP(PositionAt, IsTheLastCommitNotAfterTheTime, ()) {
  History history;
  history.decide(RegisterProduct{sku("A"), "", 0});
  std::map<std::int64_t, GlobalPosition> ends;  // the last commit of each time
  std::int64_t time = *rc::gen::inRange(0, 5);
  const int commits = *rc::gen::inRange(1, 20);
  for (int i = 0; i < commits; ++i) {
    time += *rc::gen::inRange(0, 3);
    history.set_time(UnixMillis(time));
    for (int events = *rc::gen::inRange(1, 4); events > 0; --events) {
      history.decide(ReceiveStock{sku("A"), 1, ""});
    }
    history.commit();
    ends[time] = history.head();
  }
  for (std::int64_t asked = 0; asked <= time + 2; ++asked) {
    const auto after = ends.upper_bound(asked);
    const GlobalPosition expected = after == ends.begin() ? GlobalPosition(0) : std::prev(after)->second;
    RC_ASSERT(position_at(history.log(), UnixMillis(asked), history.head()).value() == expected);
  }
}

TEST(PositionAt, IsTheBeginningOfEmptyLog) {
  const MemoryLog log{ledger_id(1)};
  EXPECT_EQ(position_at(log, UnixMillis(5), GlobalPosition(0)).value(), GlobalPosition(0));
}

}  // namespace
}  // namespace stockfold
