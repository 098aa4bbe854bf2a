// When and by whom an order was placed, aborted and so on, read over a connection.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/running_server.h"
#include "server/world.h"

namespace stockfold {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Command draft(std::string_view order) { return {.body = DraftOrder{order_id(order), {{sku("A"), 1}}}}; }
Command place_draft(std::string_view order) { return {.body = PlaceOrder{order_id(order), {}}}; }

class ShownHistory : public testing::Test {
 protected:
  ShownHistory() { given(register_product("A", 100)); }

  void given(Command command, std::string actor = "") {
    command.actor = std::move(actor);
    ASSERT_TRUE(accepted(wire_->execute(2, std::move(command))));
  }
  OrderHistoryReply when_shown(const std::string& order, Freshness freshness = {}) {
    wire_->send(3, ShowOrderHistory{order_id(order), freshness});
    return wire_->receive_as<OrderHistoryReply>(3);
  }
  OrderHistoryReply when_shown_at(GlobalPosition at, const std::string& order) {
    wire_->send(3, At{at, ShowOrderHistory{order_id(order), {}}});
    return wire_->receive_as<OrderHistoryReply>(3);
  }
  /// "POSITION TYPE ACTOR" of each step.
  static std::vector<std::string> lines_of(const OrderHistoryReply& reply) {
    std::vector<std::string> lines;
    for (const OrderStep& step : reply.steps) {
      lines.push_back(std::to_string(step.position.value()) + " " + std::string(name_of(step.type)) + " " +
                      step.actor);
    }
    return lines;
  }
  std::vector<RecordedEvent> events() {
    wire_->send(4, ReadEvents{});
    return wire_->receive_as<EventsReply>(4).events;
  }

  RunningServer server_;
  std::unique_ptr<Wire> wire_ = server_.connect();
};

TEST_F(ShownHistory, HasEveryEventOfTheOrder) {
  given(draft("1"), "anna");
  given(place_draft("1"), "bert");
  given(receive("A", 1));
  given(abort_order("1"));
  const OrderHistoryReply reply = when_shown("1");
  EXPECT_THAT(lines_of(reply), ElementsAre("2 OrderDrafted anna", "3 OrderPlaced bert", "5 OrderAborted "));
  const auto all = events();
  for (const OrderStep& step : reply.steps) {
    EXPECT_EQ(step.time, all.at(step.position.value() - 1).time);
  }
  ASSERT_TRUE(reply.state);
  EXPECT_EQ(reply.state->status, OrderStatus::aborted);
  EXPECT_EQ(reply.order, order_id("1"));
  EXPECT_EQ(reply.as_of, GlobalPosition(5));
}

TEST_F(ShownHistory, SeesWhatWasAcknowledgedJustNow) {
  for (int i = 1; i <= 200; ++i) {
    const std::string order = std::to_string(i);
    given(place(order, {{sku("A"), 1}}), "anna");
    ASSERT_EQ(when_shown(order).steps.size(), 1U) << i;
    given(i % 2 == 0 ? abort_order(order) : fulfil_order(order), "bert");
    const OrderHistoryReply reply = when_shown(order);
    ASSERT_EQ(reply.steps.size(), 2U) << i;
    EXPECT_EQ(reply.steps.back().actor, "bert");
    EXPECT_EQ(reply.as_of, reply.steps.back().position);
    if (i % 2 == 0) continue;
    given(receive("A", 1));
  }
}

TEST_F(ShownHistory, IsEmptyWithoutTheOrder) {
  const OrderHistoryReply reply = when_shown("7");
  EXPECT_FALSE(reply.state);
  EXPECT_THAT(reply.steps, IsEmpty());
  EXPECT_EQ(reply.as_of, GlobalPosition(1));
}

TEST_F(ShownHistory, EndsAtTheMomentThatIsAskedFor) {
  given(draft("1"));
  given(place_draft("1"));
  given(fulfil_order("1"));
  EXPECT_FALSE(when_shown_at(GlobalPosition(1), "1").state);
  EXPECT_THAT(lines_of(when_shown_at(GlobalPosition(2), "1")), ElementsAre("2 OrderDrafted "));
  const OrderHistoryReply placed = when_shown_at(GlobalPosition(3), "1");
  EXPECT_THAT(lines_of(placed), ElementsAre("2 OrderDrafted ", "3 OrderPlaced "));
  EXPECT_EQ(placed.state->status, OrderStatus::in_progress);
  EXPECT_EQ(placed.as_of, GlobalPosition(3));
  EXPECT_EQ(when_shown_at(GlobalPosition(4), "1").steps.size(), 3U);
}

TEST_F(ShownHistory, WaitsForThePositionThatIsNamed) {
  given(place("1", {{sku("A"), 1}}));
  EXPECT_GE(when_shown("1", {.min_position = GlobalPosition(2)}).as_of, GlobalPosition(2));
  EXPECT_LE(when_shown("1", {.stale = true}).as_of, GlobalPosition(2));
}

}  // namespace
}  // namespace stockfold
