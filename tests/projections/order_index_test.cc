// The order index against a plain list of all orders.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "projections/all.h"
#include "projections/history.h"
#include "projections/order_finder.h"
#include "projections/position_at.h"
#include "storage/rocksdb/views.h"
#include "support/memory_views.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

using Ids = std::vector<std::string>;

/// Every order with the position of its first event, ascending.
std::vector<std::pair<GlobalPosition, OrderId>> beginnings(const History& history) {
  std::vector<std::pair<GlobalPosition, OrderId>> begun;
  for (const RecordedEvent& recorded : history.events()) {
    std::visit(
        [&](const auto& event) {
          if constexpr (requires { event.order; }) {
            if (recorded.version == StreamVersion(1)) begun.emplace_back(recorded.position, event.order);
          }
        },
        recorded.event);
  }
  return begun;
}

/// What a search must find, from all orders.
Ids expected(const History& history, const OrderSearch& search) {
  Ids ids;
  for (const auto& [position, order] : beginnings(history)) {
    const Order& state = *history.state().find(order);
    if (position < search.first || position > search.last) continue;
    if (search.status && state.status != *search.status) continue;
    if (search.product &&
        std::ranges::none_of(state.lines, [&](const auto& line) { return line.sku == *search.product; })) {
      continue;
    }
    ids.push_back(order.str());
  }
  if (search.order == PositionOrder::newest_first) std::ranges::reverse(ids);
  return ids;
}

/// All pages of a search, one after the other. Every page is full, except the last.
Ids found(ViewStore& store, OrderSearch search, std::size_t limit) {
  const OrderFinder finder(store);
  Ids ids;
  while (true) {
    auto page = finder.find(search, limit);
    if (!page) return {"fault: " + page.error().what};
    for (const FoundOrder& row : page->rows) ids.push_back(row.order.str());
    if (!page->next) return ids;
    if (page->rows.size() != limit) return {"a page of " + std::to_string(page->rows.size())};
    (search.order == PositionOrder::newest_first ? search.last : search.first) = *page->next;
  }
}

/// Every combination of status, product and order.
std::vector<OrderSearch> all_searches() {
  std::vector<OrderSearch> searches;
  const std::vector<std::optional<OrderStatus>> statuses{std::nullopt, OrderStatus::draft,
                                                         OrderStatus::in_progress, OrderStatus::aborted,
                                                         OrderStatus::fulfilled};
  for (const auto& status : statuses) {
    for (const char* product : {"", "A", "B", "C"}) {
      for (const auto order : {PositionOrder::newest_first, PositionOrder::oldest_first}) {
        searches.push_back({.status = status, .product = Sku::parse(product), .order = order});
      }
    }
  }
  return searches;
}

RC_GTEST_PROP(OrderIndex, FindsWhatAListOfAllOrdersHolds, ()) {
  History history;
  play(history);
  MemoryViewStore store(view_names());
  catch_up(history, store, *rc::gen::inRange<std::size_t>(1, 20));
  for (OrderSearch search : all_searches()) {
    RC_ASSERT(found(store, search, *rc::gen::inRange<std::size_t>(1, 4)) == expected(history, search));
    search.first = GlobalPosition(*rc::gen::inRange<std::uint64_t>(0, 40));
    search.last = GlobalPosition(*rc::gen::inRange<std::uint64_t>(0, 40));
    RC_ASSERT(found(store, search, 100) == expected(history, search));
  }
}

/// A history of many orders, so that sets have many rows: their numbers ascend, or they have other ids.
class LongHistory {
 public:
  explicit LongHistory(std::uint32_t seed) : random_(seed) {
    for (const char* product : {"A", "B", "C"}) history_.decide(RegisterProduct{sku(product), "", 1'000'000});
    history_.commit();
  }

  void add(std::size_t orders) {
    for (std::size_t i = 0; i < orders; ++i) {
      begin();
      while (open_.size() > 40 || (!open_.empty() && below(3) == 0)) end();
      if (below(50) == 0) commit();
    }
    commit();
  }

  History& history() { return history_; }

 private:
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }

  void commit() {
    history_.commit();
    history_.set_time(UnixMillis(1'000 + static_cast<std::int64_t>(history_.head().value()) * 10));
  }

  void begin() {
    const OrderId id = any_id();
    Lines lines{{sku(below(20) == 0 ? "B" : "A"), 1}};
    if (below(10) == 0) lines.push_back({sku("C"), 1});
    if (below(8) == 0) {
      ASSERT_TRUE(history_.decide(DraftOrder{id, lines}));
    } else {
      ASSERT_TRUE(history_.decide(PlaceOrder{id, lines}));
    }
    open_.push_back(id);
  }

  OrderId any_id() {
    const std::string number = std::to_string(++orders_);
    if (below(10) == 0) return order_id("text-" + number);
    if (below(20) == 0) return order_id("0" + number);
    if (below(20) == 0) orders_ += 5;
    return order_id(std::to_string(orders_));
  }

  /// Something happens to an open order, mostly a recent one.
  void end() {
    const std::size_t back = below(10) == 0 ? below(static_cast<std::uint32_t>(open_.size())) : 0;
    const std::size_t at = open_.size() - 1 - back;
    const OrderId id = open_[at];
    const bool draft = history_.state().find(id)->status == OrderStatus::draft;
    if (draft && below(3) != 0) {
      ASSERT_TRUE(history_.decide(PlaceOrder{id, {}}));
      return;
    }
    if (draft || below(4) == 0) {
      ASSERT_TRUE(history_.decide(AbortOrder{id, ""}));
    } else {
      ASSERT_TRUE(history_.decide(FulfilOrder{id, ""}));
    }
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(at));
  }

  std::mt19937 random_;
  History history_;
  std::uint64_t orders_ = 0;
  std::vector<OrderId> open_;
};

TEST(OrderIndexOfManyOrders, FindsThemAll) {
  LongHistory played(1);
  played.add(6'000);
  MemoryViewStore store(view_names());
  catch_up(played.history(), store, 700);
  for (const OrderSearch& search : all_searches()) {
    const Ids wanted = expected(played.history(), search);
    ASSERT_EQ(found(store, search, 1'000), wanted);
    OrderSearch middle = search;
    middle.first = GlobalPosition(3'000);
    middle.last = GlobalPosition(9'000);
    ASSERT_EQ(found(store, middle, 77), expected(played.history(), middle));
  }
}

TEST(OrderIndexOfManyOrders, HasTheSameRowsHoweverItWasCutIntoBatches) {
  LongHistory played(2);
  played.add(3'000);
  const Contents whole = contents_after_all_of(played.history());
  for (const std::size_t batch : {1U, 64U, 5'000U}) {
    MemoryViewStore store(view_names());
    catch_up(played.history(), store, batch);
    EXPECT_EQ(contents_of(store).at("order_index"), whole.at("order_index")) << batch;
  }
}

/// Every fold begins with nothing in memory.
TEST(OrderIndexOfManyOrders, HasTheSameRowsAfterRestarts) {
  LongHistory played(3);
  MemoryViewStore store(view_names());
  for (int i = 0; i < 40; ++i) {
    played.add(50);
    catch_up(played.history(), store);
  }
  EXPECT_EQ(contents_of(store).at("order_index"), contents_after_all_of(played.history()).at("order_index"));
}

TEST(OrderIndexOfManyOrders, IsReadAlikeFromDisk) {
  LongHistory played(4);
  played.add(2'000);
  const TemporaryDirectory directory;
  auto store = open_rocksdb_views({directory.path() / "views", view_names(), 1U << 20, nullptr});
  ASSERT_TRUE(store);
  catch_up(played.history(), **store, 300);
  for (const OrderSearch& search : all_searches()) {
    ASSERT_EQ(found(**store, search, 250), expected(played.history(), search));
  }
}

class OrderIndexTest : public testing::Test {
 protected:
  OrderIndexTest() {
    history_.happens(RegisterProduct{sku("A"), "", 100});
    history_.happens(RegisterProduct{sku("B"), "", 100});
  }

  ViewStore& when_caught_up() {
    catch_up(history_, store_);
    return store_;
  }
  Ids find(const OrderSearch& search) { return found(when_caught_up(), search, 10); }
  std::map<std::string, std::string> rows() { return contents_of(when_caught_up())["order_index"]; }

  History history_;
  MemoryViewStore store_{view_names()};
};

TEST_F(OrderIndexTest, ListsTheNewestFirst) {
  for (const char* id : {"b", "c", "a"}) history_.happens(PlaceOrder{order_id(id), {{sku("A"), 1}}});
  EXPECT_THAT(find({}), ElementsAre("a", "c", "b"));
  EXPECT_THAT(find({.order = PositionOrder::oldest_first}), ElementsAre("b", "c", "a"));
}

TEST_F(OrderIndexTest, KeepsAnOrderWhereItBegan) {
  history_.happens(DraftOrder{order_id("draft"), {{sku("A"), 1}}});
  history_.happens(PlaceOrder{order_id("placed"), {{sku("A"), 1}}});
  history_.happens(PlaceOrder{order_id("draft"), {}});
  EXPECT_THAT(find({}), ElementsAre("placed", "draft"));
  EXPECT_THAT(find({.status = OrderStatus::in_progress, .product = sku("A")}),
              ElementsAre("placed", "draft"));
  EXPECT_THAT(find({.product = sku("A")}), ElementsAre("placed", "draft"));
  EXPECT_THAT(find({.status = OrderStatus::draft}), IsEmpty());
}

TEST_F(OrderIndexTest, HoldsNoRowOfAnOpenOrderOnceAllAreClosed) {
  history_.happens(PlaceOrder{order_id("x"), {{sku("A"), 1}, {sku("B"), 1}}});
  history_.happens(DraftOrder{order_id("y"), {{sku("A"), 1}}});
  const auto open = rows();
  EXPECT_TRUE(open.contains("fx"));
  EXPECT_TRUE(open.contains("fy"));
  history_.happens(FulfilOrder{order_id("x"), ""});
  history_.happens(AbortOrder{order_id("y"), ""});
  for (const auto& [key, row] : rows()) {
    EXPECT_EQ(std::string("fowd").find(key.front()), std::string::npos) << key;
  }
}

TEST_F(OrderIndexTest, FindsOrdersWhoseNumbersDoNotAscend) {
  for (const char* id : {"5", "3", "7", "6"}) history_.happens(PlaceOrder{order_id(id), {{sku("A"), 1}}});
  MemoryViewStore& store = static_cast<MemoryViewStore&>(when_caught_up());
  for (const char* id : {"3", "7", "5"}) {
    history_.happens(AbortOrder{order_id(id), ""});
    catch_up(history_, store);
  }
  EXPECT_THAT(find({.status = OrderStatus::aborted}), ElementsAre("7", "3", "5"));
  EXPECT_THAT(find({.status = OrderStatus::in_progress}), ElementsAre("6"));
}

TEST_F(OrderIndexTest, KnowsWhereAnOrderBegan) {
  history_.happens(DraftOrder{order_id("x"), {{sku("A"), 1}}});
  history_.happens(PlaceOrder{order_id("x"), {}});
  const OrderFinder finder(when_caught_up());
  EXPECT_THAT(finder.beginning_of(order_id("x")).value(), Optional(GlobalPosition(3)));
  EXPECT_EQ(finder.beginning_of(order_id("y")).value(), std::nullopt);
}

TEST_F(OrderIndexTest, HasNoNextAfterTheLastFullPage) {
  for (const char* id : {"1", "2"}) history_.happens(PlaceOrder{order_id(id), {{sku("A"), 1}}});
  const auto page = OrderFinder(when_caught_up()).find({}, 2);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->rows.size(), 2U);
  EXPECT_EQ(page->next, std::nullopt);
  EXPECT_EQ(page->as_of, GlobalPosition(4));
}

TEST_F(OrderIndexTest, ReportsADamagedRow) {
  history_.happens(PlaceOrder{order_id("1"), {{sku("A"), 1}}});
  View& index = when_caught_up().view("order_index");
  for (const auto& [key, row] : rows()) {
    if (std::string("aim").find(key.front()) == std::string::npos) continue;
    ASSERT_TRUE(index.write({{key, "\x7F"}}, index.checkpoint()));
    const auto page = OrderFinder(store_).find({}, 10);
    if (key.front() != 'm') {
      ASSERT_FALSE(page) << key;
      EXPECT_EQ(page.error().kind, FaultKind::corruption);
    }
    ASSERT_TRUE(index.write({{key, row}}, index.checkpoint()));
  }
  ASSERT_TRUE(index.write({{std::string("s\2\0\0\0\0\0\0\0\0", 10), std::nullopt}}, index.checkpoint()));
  history_.happens(AbortOrder{order_id("1"), ""});
  auto started = CatchUp::start(history_.log(), store_, all_projections());
  ASSERT_TRUE(started);
  const auto step = started->step(10);
  ASSERT_FALSE(step);
  EXPECT_EQ(step.error().kind, FaultKind::corruption) << step.error().what;
}

TEST(OrderIndexTimes, AgreeWithASearchOfTheWholeLog) {
  LongHistory played(5);
  played.add(5'000);
  MemoryViewStore store(view_names());
  catch_up(played.history(), store);
  const OrderFinder finder(store);
  const MemoryLog& log = played.history().log();
  const auto end = static_cast<std::int64_t>(played.history().head().value()) * 10 + 1'020;
  for (std::int64_t time = -1; time < end; time += 997) {
    ASSERT_EQ(finder.position_at(log, UnixMillis(time)).value(),
              position_at(log, UnixMillis(time), log.head().position).value())
        << time;
  }
}

}  // namespace
}  // namespace stockfold
