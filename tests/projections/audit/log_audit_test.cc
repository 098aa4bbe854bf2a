#include "projections/audit/log_audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "projections/history.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

using testing::HasSubstr;

class LogAuditTest : public testing::Test {
 protected:
  /// One commit of one event.
  static Commit commit_of(const RecordedEvent& event) {
    Commit commit;
    commit.time = event.time;
    commit.events = {event};
    return commit;
  }

  Result<AuditFigures> audit(const std::vector<RecordedEvent>& events) {
    LogAudit audit(scratch_.path());
    for (const RecordedEvent& event : events) {
      if (auto sound = audit.follow(commit_of(event)); !sound) return std::unexpected(sound.error());
    }
    return audit.finish();
  }

  /// The violation that is found in `events`: its position and its words.
  void expect_violation(const std::vector<RecordedEvent>& events, std::uint64_t position,
                        const std::string& words) {
    const auto audited = audit(events);
    ASSERT_FALSE(audited) << "nothing was found";
    EXPECT_EQ(audited.error().kind, FaultKind::corruption);
    EXPECT_EQ(audited.error().position, GlobalPosition(position)) << audited.error().what;
    EXPECT_THAT(audited.error().what, HasSubstr(words));
  }

  /// Six events: A with 5 units; order 1 for 2 of them, aborted; a second abort, refused; order 2; a draft 3.
  static std::vector<RecordedEvent> story() {
    History history;
    history.happens(RegisterProduct{sku("A"), "", 5});
    history.happens(PlaceOrder{order_id("1"), {{sku("A"), 2}}}, identity(1));
    history.happens(AbortOrder{order_id("1"), ""}, identity(2));
    history.decide(AbortOrder{order_id("1"), ""}, identity(3));
    history.happens(PlaceOrder{order_id("2"), {{sku("A"), 1}}});
    history.happens(DraftOrder{order_id("3"), {{sku("A"), 9}}});
    return history.events();
  }

  /// Appends a copy of an event to `events`.
  static RecordedEvent& again(std::vector<RecordedEvent>& events, std::size_t number) {
    events.push_back(events[number - 1]);
    events.back().position = GlobalPosition(events.size());
    return events.back();
  }

  TemporaryDirectory scratch_;
};

TEST_F(LogAuditTest, CountsWhatItVerifies) {
  const auto audited = audit(story());
  ASSERT_TRUE(audited) << audited.error().what;
  EXPECT_EQ(*audited, (AuditFigures{.commits = 6,
                                    .events = 6,
                                    .products = 1,
                                    .orders = 3,
                                    .open_orders = 2,
                                    .command_ids = 3,
                                    .refusals = 1}));
}

RC_GTEST_PROP(LogAudit, AcceptsEveryDecidedHistory, ()) {
  const TemporaryDirectory scratch;
  History history;
  play(history);
  LogAudit audit(scratch.path(), 64);
  const auto cursor = history.log().read(GlobalPosition(1));
  for (auto commit = *cursor->next(); commit != nullptr; commit = *cursor->next()) {
    const auto sound = audit.follow(*commit);
    if (!sound) RC_FAIL(sound.error().what);
  }
  const auto audited = audit.finish();
  if (!audited) RC_FAIL(audited.error().what);
  RC_ASSERT(audited->events == history.events().size());
  std::size_t ids = 0;
  for (const RecordedEvent& event : history.events()) ids += event.identity ? 1U : 0U;
  RC_ASSERT(audited->command_ids == ids);
  RC_ASSERT(audited->orders == history.state().orders.size());
}

RC_GTEST_PROP(LogAudit, DetectsDroppedOrRepeatedEvent, ()) {
  const TemporaryDirectory scratch;
  History history;
  play(history);
  std::vector<RecordedEvent> events = history.events();
  const auto at = *rc::gen::inRange<std::size_t>(0, events.size());
  const bool repeat = *rc::gen::arbitrary<bool>();
  if (repeat) {
    const RecordedEvent event = events[at];
    events.insert(events.begin() + static_cast<std::ptrdiff_t>(at), event);
  } else {  // of an event that nothing depends on, only the chain knows
    const auto streams = streams_of(events[at]);
    const auto rests_on = [&](const RecordedEvent& later) {
      for (const StreamEntry& entry : streams_of(later)) {
        for (const StreamEntry& gone : streams) {
          if (entry.stream == gone.stream) return true;
        }
      }
      return false;
    };
    RC_PRE(std::any_of(events.begin() + static_cast<std::ptrdiff_t>(at) + 1, events.end(), rests_on));
    events.erase(events.begin() + static_cast<std::ptrdiff_t>(at));
  }
  LogAudit audit(scratch.path());
  Result<void> sound;
  for (const RecordedEvent& event : events) {
    Commit commit;
    commit.time = event.time;
    commit.events = {event};
    if (sound) sound = audit.follow(commit);
  }
  RC_ASSERT(!sound || !audit.finish());
}

TEST_F(LogAuditTest, DetectsAbortRecordedTwice) {
  auto events = story();
  RecordedEvent& twice = again(events, 3);
  twice.version = StreamVersion(3);
  twice.identity.reset();
  expect_violation(events, 7, "order/1: OrderAborted cannot happen");
}

TEST_F(LogAuditTest, DetectsOrderThatStartsTwice) {
  auto events = story();
  RecordedEvent& twice = again(events, 2);
  twice.identity.reset();
  StockedLine& line = std::get<OrderPlaced>(twice.event).lines.front();
  line.version = StreamVersion(5);
  line.stock_after = 2;
  expect_violation(events, 7, "found that of event 2");
}

TEST_F(LogAuditTest, DetectsCommandIdWithTwoOutcomes) {
  auto events = story();
  events[5].identity = identity(2);
  expect_violation(events, 6, "found one that has it in event 3");
}

TEST_F(LogAuditTest, AcceptsSameCommandIdFromDifferentCallers) {
  auto events = story();
  events[2].actor = "shop-a";
  events[5].actor = "shop-b";
  events[5].identity = identity(2);
  const auto audited = audit(events);
  ASSERT_TRUE(audited) << audited.error().what;
  EXPECT_EQ(audited->command_ids, 4U);
}

TEST_F(LogAuditTest, DetectsCommandIdReusedByOneCaller) {
  auto events = story();
  events[2].actor = events[5].actor = "shop-a";
  events[5].identity = identity(2);
  expect_violation(events, 6, "found one that has it in event 3");
}

TEST_F(LogAuditTest, DetectsCommandIdReusedFromEventWithoutCaller) {
  auto events = story();
  events[5].actor = "shop-a";
  events[5].identity = identity(2);
  expect_violation(events, 6, "found one that has it in event 3");
}

TEST_F(LogAuditTest, DetectsWrongRecordedStock) {
  auto events = story();
  std::get<OrderPlaced>(events[4].event).lines.front().stock_after = 5;
  expect_violation(events, 5, "product/A: expected stock 4 after it, found 5");
}

TEST_F(LogAuditTest, DetectsSaleBeyondStock) {
  auto events = story();
  StockedLine& line = std::get<OrderPlaced>(events[4].event).lines.front();
  line.quantity = 6;
  expect_violation(events, 5, "product/A: expected 6 units in stock, found 5");
}

TEST_F(LogAuditTest, DetectsSkippedVersion) {
  auto events = story();
  std::get<OrderPlaced>(events[4].event).lines.front().version = StreamVersion(5);
  expect_violation(events, 5, "product/A: expected version 4, found 5");
}

TEST_F(LogAuditTest, DetectsDraftOfUnregisteredProduct) {
  auto events = story();
  std::get<OrderDrafted>(events[5].event).lines.front().sku = sku("B");
  expect_violation(events, 6, "product/B not registered");
}

TEST_F(LogAuditTest, DetectsTimeThatGoesBack) {
  auto events = story();
  events[4].time = UnixMillis(999);
  expect_violation(events, 5, "expected a time of at least 1000, found 999");
}

TEST_F(LogAuditTest, DetectsRefusalWithoutCommandId) {
  auto events = story();
  events[3].identity.reset();
  expect_violation(events, 4, "expected a command id");
}

TEST_F(LogAuditTest, DetectsRefusalWhoseStateBreaksNoRule) {
  auto events = story();
  std::get<Order>(std::get<CommandRefused>(events[3].event).refusal.state).status = OrderStatus::fulfilled;
  expect_violation(events, 4, "a refusal by order_already_aborted: the state that it quotes");
}

TEST_F(LogAuditTest, DetectsRefusalThatMisquotesOrder) {
  auto events = story();
  std::get<CommandRefused>(events[3].event).refusal.subject = StreamId::of(order_id("2"));
  std::swap(events[3], events[4]);
  std::swap(events[3].position, events[4].position);
  expect_violation(events, 5, "order/2 is quoted as it was not");
}

TEST_F(LogAuditTest, DetectsRefusalThatMisquotesProduct) {
  History history;
  history.happens(RegisterProduct{sku("A"), "", 1});
  history.decide(PlaceOrder{order_id("1"), {{sku("A"), 2}}}, identity(1));
  history.commit();
  auto events = history.events();
  std::get<Product>(std::get<CommandRefused>(events[1].event).refusal.state).written_off = 1;
  expect_violation(events, 2, "product/A is quoted as it was not");
}

TEST_F(LogAuditTest, DetectsRefusalWithFutureObstacle) {
  auto events = story();
  std::get<CommandRefused>(events[3].event).refusal.obstacle = GlobalPosition(4);
  expect_violation(events, 4, "expected an event in the way that lies before it, found position 4");
}

}  // namespace
}  // namespace stockfold
