#include "core/movements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "projections/all.h"
#include "projections/following/catch_up.h"
#include "projections/history.h"
#include "projections/views.h"

namespace stockfold {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Day kLast(std::numeric_limits<Day::rep>::max());

class MovementsTest : public testing::Test {
 protected:
  void given_day(std::uint32_t day) { history_.set_day(Day(day)); }

  MovementPage when_read(std::string_view of, Day from = Day(0), Day to = kLast, std::size_t limit = 1'000) {
    auto catch_up = CatchUp::start(history_.log(), store_, all_projections());
    EXPECT_TRUE(catch_up);
    EXPECT_TRUE(catch_up->step(1'000));
    const auto page = Views(store_).movements(sku(of), from, to, limit);
    EXPECT_TRUE(page) << page.error().what;
    return page.value_or(MovementPage{});
  }

  std::vector<QuarterMovements> when_quarters_read(std::string_view of, Quarter from,
                                                   std::size_t limit = 1'000) {
    catch_up(history_, store_);
    std::vector<QuarterMovements> rows;
    const auto as_of = Views(store_).quarters(sku(of), from, [&](const QuarterMovements& row) {
      rows.push_back(row);
      return rows.size() < limit;
    });
    EXPECT_TRUE(as_of) << as_of.error().what;
    EXPECT_EQ(as_of.value_or(GlobalPosition(0)), history_.head());
    return rows;
  }

  History history_;
  MemoryViewStore store_{view_names()};
};

TEST_F(MovementsTest, AreSummedByProductAndDay) {
  given_day(10);
  history_.happens(RegisterProduct{sku("A"), "", 20});
  history_.happens(RegisterProduct{sku("B"), "", 7});
  history_.happens(ReceiveStock{sku("A"), 5, ""});
  history_.happens(PlaceOrder{order_id("1"), {{sku("A"), 3}, {sku("B"), 1}}});
  history_.happens(PlaceOrder{order_id("2"), {{sku("A"), 4}}});
  given_day(12);
  history_.happens(AbortOrder{order_id("1"), ""});
  history_.happens(FulfilOrder{order_id("2"), ""});
  history_.happens(WriteOffStock{sku("A"), 2, ""});

  const MovementPage page = when_read("A");
  EXPECT_THAT(
      page.rows,
      ElementsAre(DayMovements{Day(10), {.placed = 7, .received = 25, .events = 4}},
                  DayMovements{Day(12), {.aborted = 3, .fulfilled = 4, .written_off = 2, .events = 3}}));
  EXPECT_EQ(page.as_of, history_.head());
  EXPECT_THAT(when_read("B").rows,
              ElementsAre(DayMovements{Day(10), {.placed = 1, .received = 7, .events = 2}},
                          DayMovements{Day(12), {.aborted = 1, .events = 1}}));
}

TEST_F(MovementsTest, OmitEventsThatMoveNothing) {
  history_.happens(RegisterProduct{sku("A"), "", 0});
  history_.happens(DraftOrder{order_id("1"), {{sku("A"), 3}}});
  history_.happens(AbortOrder{order_id("1"), ""});
  history_.happens(RetireProduct{sku("A")});
  EXPECT_THAT(when_read("A").rows, IsEmpty());
}

TEST_F(MovementsTest, AreLimitedToRequestedDays) {
  history_.happens(RegisterProduct{sku("A"), "", 0});
  history_.happens(RegisterProduct{sku("AA"), "", 9});
  for (std::uint32_t day = 1; day <= 5; ++day) {
    given_day(day);
    history_.happens(ReceiveStock{sku("A"), day, ""});
  }
  const auto received = [](std::uint32_t day) {
    return DayMovements{Day(day), {.received = day, .events = 1}};
  };
  EXPECT_THAT(when_read("A", Day(2), Day(4)).rows, ElementsAre(received(2), received(3), received(4)));
  EXPECT_THAT(when_read("A", Day(6)).rows, IsEmpty());

  const MovementPage first = when_read("A", Day(2), Day(4), 2);
  EXPECT_THAT(first.rows, ElementsAre(received(2), received(3)));
  EXPECT_EQ(first.next, Day(4));
  const MovementPage second = when_read("A", *first.next, Day(4), 2);
  EXPECT_THAT(second.rows, ElementsAre(received(4)));
  EXPECT_EQ(second.next, std::nullopt);
}

TEST_F(MovementsTest, DamagedRowIsCorruption) {
  history_.happens(RegisterProduct{sku("A"), "", 1});
  when_read("A");
  View& movements = store_.view("movements");
  ASSERT_TRUE(movements.write({{std::string("A\0\0\0\0\0", 6), "x"}}, movements.checkpoint()));
  const auto page = Views(store_).movements(sku("A"), Day(0), kLast, 10);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, FaultKind::corruption);
  EXPECT_THAT(page.error().what, HasSubstr("view movements"));
}

TEST_F(MovementsTest, AreSummedByQuarterOfAnHour) {
  constexpr Quarter kNoon(48);
  const auto given_time = [&](std::int64_t millis) { history_.set_time(UnixMillis(millis)); };
  given_time(begin_of(kNoon).value());
  history_.happens(RegisterProduct{sku("A"), "", 9});
  history_.happens(RegisterProduct{sku("AA"), "", 1});
  given_time(begin_of(kNoon).value() + kMillisAQuarter - 1);
  history_.happens(PlaceOrder{order_id("1"), {{sku("A"), 3}}});
  given_time(begin_of(kNoon.next()).value());
  history_.happens(AbortOrder{order_id("1"), ""});
  given_time(begin_of(kNoon.plus(100)).value());
  history_.happens(WriteOffStock{sku("A"), 2, ""});

  const QuarterMovements noon{kNoon, {.placed = 3, .received = 9, .events = 2}};
  const QuarterMovements after{kNoon.next(), {.aborted = 3, .events = 1}};
  const QuarterMovements later{kNoon.plus(100), {.written_off = 2, .events = 1}};
  EXPECT_THAT(when_quarters_read("A", Quarter(0)), ElementsAre(noon, after, later));
  EXPECT_THAT(when_quarters_read("A", kNoon.next()), ElementsAre(after, later));
  EXPECT_THAT(when_quarters_read("A", Quarter(0), 2), ElementsAre(noon, after));
  EXPECT_THAT(when_quarters_read("B", Quarter(0)), IsEmpty());
}

TEST_F(MovementsTest, DamagedQuarterIsCorruption) {
  history_.happens(RegisterProduct{sku("A"), "", 1});
  when_quarters_read("A", Quarter(0));
  View& quarters = store_.view("quarters");
  ASSERT_TRUE(quarters.write({{std::string("A\0\0\0\0\0", 6), "x"}}, quarters.checkpoint()));
  const auto as_of = Views(store_).quarters(sku("A"), Quarter(0), [](const auto&) { return true; });
  ASSERT_FALSE(as_of);
  EXPECT_EQ(as_of.error().kind, FaultKind::corruption);
  EXPECT_THAT(as_of.error().what, HasSubstr("view quarters"));
}

RC_GTEST_PROP(Movements, AddUpToTheStateOfEveryProduct, ()) {
  History history;
  play(history);
  MemoryViewStore store(view_names());
  auto catch_up = CatchUp::start(history.log(), store, all_projections());
  const auto events_a_batch = *rc::gen::inRange<std::size_t>(1, 20);
  while (catch_up->step(events_a_batch).value() > 0) {
  }
  for (const auto& [id, product] : history.state().products) {
    MovementSums sum;
    const auto page = Views(store).movements(id, Day(0), kLast, 1'000);
    for (const auto& [day, sums] : page->rows) {
      sum.placed += sums.placed;
      sum.aborted += sums.aborted;
      sum.fulfilled += sums.fulfilled;
      sum.received += sums.received;
      sum.written_off += sums.written_off;
    }
    const Product state = product.value_or(Product{});
    RC_ASSERT(sum.received == state.received);
    RC_ASSERT(sum.written_off == state.written_off);
    RC_ASSERT(sum.fulfilled == state.fulfilled);
    RC_ASSERT(sum.placed - sum.aborted - sum.fulfilled == state.in_progress);

    std::map<Day, MovementSums> of_quarters;
    const auto as_of = Views(store).quarters(id, Quarter(0), [&](const QuarterMovements& row) {
      MovementSums& day = of_quarters[day_of(begin_of(row.quarter))];
      day.placed += row.sums.placed;
      day.aborted += row.sums.aborted;
      day.fulfilled += row.sums.fulfilled;
      day.received += row.sums.received;
      day.written_off += row.sums.written_off;
      day.events += row.sums.events;
      return true;
    });
    RC_ASSERT(as_of.has_value());
    RC_ASSERT(of_quarters.size() == page->rows.size());
    for (const auto& [day, sums] : page->rows) RC_ASSERT(of_quarters[day] == sums);
  }
}

TEST(Day, BeginsAtMidnightUtc) {
  EXPECT_EQ(day_of(UnixMillis(0)), Day(0));
  EXPECT_EQ(day_of(UnixMillis(86'399'999)), Day(0));
  EXPECT_EQ(day_of(UnixMillis(86'400'000)), Day(1));
  EXPECT_EQ(day_of(UnixMillis(1'767'323'045'678)), Day(20'455));  // 2026-01-02
}

TEST(Quarter, BeginsEveryFifteenMinutes) {
  EXPECT_EQ(quarter_of(UnixMillis(0)), Quarter(0));
  EXPECT_EQ(quarter_of(UnixMillis(899'999)), Quarter(0));
  EXPECT_EQ(quarter_of(UnixMillis(900'000)), Quarter(1));
  EXPECT_EQ(begin_of(quarter_of(UnixMillis(1'767'323'045'678))), UnixMillis(1'767'322'800'000));
}

}  // namespace
}  // namespace stockfold
