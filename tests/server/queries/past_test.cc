// The state at earlier positions, read over a connection.
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "server/running_server.h"
#include "server/world.h"

namespace stockfold {
namespace {

using namespace std::chrono_literals;

/// A product whose stock falls by one with every order placed.
class PastRead : public testing::Test {
 protected:
  void given_orders(int count) {
    ASSERT_TRUE(accepted(wire_->execute(2, register_product("A", 100))));
    for (int i = 0; i < count; ++i) ASSERT_TRUE(accepted(wire_->execute(2, place_next({{sku("A"), 1}}))));
  }
  template <class Expected, class Read>
  Expected at(Moment moment, Read read) {
    wire_->send(3, At{moment, std::move(read)});
    return wire_->receive_as<Expected>(3);
  }
  std::vector<RecordedEvent> events() {
    wire_->send(4, ReadEvents{});
    return wire_->receive_as<EventsReply>(4).events;
  }

  RunningServer server_;
  std::unique_ptr<Wire> wire_ = server_.connect();
};

TEST_F(PastRead, ShowsProductAtEveryPosition) {
  given_orders(5);
  EXPECT_FALSE(at<ProductReply>(GlobalPosition(0), ShowProduct{sku("A"), {}}).product.has_value());
  for (std::uint64_t position = 1; position <= 6; ++position) {
    const auto product = at<ProductReply>(GlobalPosition(position), ShowProduct{sku("A"), {}});
    ASSERT_TRUE(product.product.has_value());
    EXPECT_EQ(product.product->stock(), 101 - position);
    EXPECT_EQ(product.as_of, GlobalPosition(position));
  }
}

TEST_F(PastRead, ShowsEveryStateOfAnOrder) {
  given_orders(1);
  ASSERT_TRUE(accepted(wire_->execute(2, abort_order("1"))));
  EXPECT_FALSE(at<OrderReply>(GlobalPosition(1), ShowOrder{order_id("1"), {}}).state.has_value());
  EXPECT_EQ(at<OrderReply>(GlobalPosition(2), ShowOrder{order_id("1"), {}}).state->status,
            OrderStatus::in_progress);
  EXPECT_EQ(at<OrderReply>(GlobalPosition(3), ShowOrder{order_id("1"), {}}).state->status,
            OrderStatus::aborted);
}

TEST_F(PastRead, ListsAndFiltersEarlierState) {
  given_orders(3);
  ASSERT_TRUE(accepted(wire_->execute(2, abort_order("2"))));
  ASSERT_TRUE(accepted(wire_->execute(2, register_product("B", 1))));
  EXPECT_EQ(at<ProductsReply>(GlobalPosition(5), ListProducts{}).rows.size(), 1U);
  const auto aborted = at<OrdersReply>(GlobalPosition(5), ListOrders{.status = OrderStatus::aborted});
  ASSERT_EQ(aborted.rows.size(), 1U);
  EXPECT_EQ(aborted.rows.front().first, order_id("2"));
  EXPECT_EQ(at<OrdersReply>(GlobalPosition(4), ListOrders{.status = OrderStatus::aborted}).rows.size(), 0U);

  const auto first = at<OrdersReply>(GlobalPosition(4), ListOrders{.limit = 2});
  EXPECT_EQ(first.rows.size(), 2U);
  EXPECT_EQ(first.next, order_id("3"));
  EXPECT_EQ(first.as_of, GlobalPosition(4));
}

TEST_F(PastRead, UsesLastCommitUpToGivenTime) {
  given_orders(5);
  const auto happened = events();
  for (const RecordedEvent& asked : happened) {
    GlobalPosition expected;
    for (const RecordedEvent& event : happened) {
      if (event.time <= asked.time) expected = event.position;
    }
    EXPECT_EQ(at<ProductReply>(asked.time, ShowProduct{sku("A"), {}}).as_of, expected);
  }
  const UnixMillis before(happened.front().time.value() - 1);
  EXPECT_EQ(at<ProductReply>(before, ShowProduct{sku("A"), {}}).as_of, GlobalPosition(0));
  const UnixMillis tomorrow(happened.back().time.value() + 86'400'000);
  EXPECT_EQ(at<ProductReply>(tomorrow, ShowProduct{sku("A"), {}}).as_of, GlobalPosition(6));
}

TEST_F(PastRead, IsRefusedBeyondEndOfLog) {
  given_orders(1);
  const auto error = at<ErrorReply>(GlobalPosition(3), ListProducts{});
  EXPECT_EQ(error.code, ErrorCode::invalid_argument);
  EXPECT_EQ(error.detail, "at: position 3 is beyond the end of the log, 2");
  EXPECT_FALSE(error.closing);
  EXPECT_TRUE(at<ProductReply>(GlobalPosition(2), ShowProduct{sku("A"), {}}).product.has_value());
}

TEST_F(PastRead, WaitsForItsMinPosition) {
  const Freshness fresh{.min_position = GlobalPosition(1)};
  wire_->send(2, At{GlobalPosition(1), ShowProduct{sku("A"), fresh}});
  server_.connect()->execute(2, register_product("A", 3));
  EXPECT_TRUE(wire_->receive_as<ProductReply>(2).product.has_value());
}

TEST(PastReadAheadOfLog, ReportsThatPositionWasNotReached) {
  RunningServer server({.session = {.read = 50ms}});
  auto wire = server.connect();
  wire->send(2, At{GlobalPosition(0), ListOrders{.freshness = {.min_position = GlobalPosition(9)}}});
  EXPECT_EQ(wire->receive_as<ErrorReply>(2).code, ErrorCode::overloaded);
}

TEST_F(PastRead, ReturnsSameStateAfterRestart) {
  given_orders(5);
  ASSERT_TRUE(accepted(wire_->execute(2, abort_order("1"))));
  server_.stop();
  server_.start();
  wire_ = server_.connect();
  EXPECT_EQ(at<ProductReply>(GlobalPosition(3), ShowProduct{sku("A"), {}}).product->stock(), 98U);
  EXPECT_EQ(at<OrderReply>(GlobalPosition(3), ShowOrder{order_id("1"), {}}).state->status,
            OrderStatus::in_progress);
}

}  // namespace
}  // namespace stockfold
