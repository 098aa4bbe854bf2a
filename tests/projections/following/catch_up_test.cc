#include "projections/following/catch_up.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "projections/all.h"
#include "projections/history.h"
#include "projections/views.h"

namespace stockfold {
namespace {

using testing::HasSubstr;

/// "stock" with rows of another form.
class NextStockProjection final : public Projection {
 public:
  [[nodiscard]] std::string_view name() const override { return "stock"; }
  [[nodiscard]] std::uint32_t version() const override { return stock_projection().version() + 1; }
  [[nodiscard]] std::unique_ptr<Fold> fold(const View& /*view*/) const override {
    return std::make_unique<PutEach>();
  }

 private:
  class PutEach final : public Fold {
    Result<void> apply(std::span<const RecordedEvent> events, RowChanges& rows) override {
      for (const RecordedEvent& event : events) {
        rows.put("event " + std::to_string(event.position.value()), "happened");
      }
      return {};
    }
  };
};

class CatchUpTest : public testing::Test {
 protected:
  CatchUpTest() {
    history_.happens(RegisterProduct{sku("A"), "Apple", 10});
    EXPECT_TRUE(history_.decide(PlaceOrder{order_id("1"), {{sku("A"), 2}}}));
    EXPECT_TRUE(history_.decide(PlaceOrder{order_id("2"), {{sku("A"), 3}}}));
    history_.commit();  // positions 2 and 3
    history_.happens(AbortOrder{order_id("1"), ""});
  }

  void given_views_of_all() { catch_up(history_, store_, 100); }
  void given_checkpoint(std::string_view view, const ViewCheckpoint& checkpoint) {
    ASSERT_TRUE(store_.view(view).write({}, checkpoint));
  }
  void expect_corruption(std::string_view what) {
    const auto started = CatchUp::start(history_.log(), store_, all_projections());
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().kind, FaultKind::corruption);
    EXPECT_THAT(started.error().what, HasSubstr(what));
    EXPECT_THAT(started.error().what, HasSubstr("view orders"));
  }

  void expect_fault_of_next_step(std::string_view what) {
    auto started = CatchUp::start(history_.log(), store_, all_projections());
    ASSERT_TRUE(started);
    const auto events = started->step(100);
    ASSERT_FALSE(events);
    EXPECT_EQ(events.error().kind, FaultKind::corruption);
    EXPECT_EQ(events.error().position, history_.head());
    EXPECT_THAT(events.error().what, HasSubstr(what));
  }

  History history_;
  MemoryViewStore store_{view_names()};
};

RC_GTEST_PROP(CatchUp, YieldsSameViewsForAnyStepsAndInterruptions, ()) {
  History history;
  play(history);
  MemoryViewStore store(view_names());
  const auto max_events = *rc::gen::inRange<std::size_t>(1, 20);
  const int steps_before_restart = *rc::gen::inRange(1, 5);
  GlobalPosition position;
  while (position < history.head()) {
    auto started = CatchUp::start(history.log(), store, all_projections());
    RC_ASSERT(started.has_value());
    for (int i = 0; i < steps_before_restart; ++i) RC_ASSERT(started->step(max_events).has_value());
    RC_ASSERT(started->position() > position);
    position = started->position();
  }
  RC_ASSERT(contents_of(store) == contents_after_all_of(history));
}

RC_GTEST_PROP(CatchUp, YieldsSameViewsFromAnyCheckpoints, ()) {
  History history;
  play(history);
  MemoryViewStore store(view_names());
  for (const Projection* projection : all_projections()) {
    auto alone = CatchUp::start(history.log(), store, std::vector{projection});
    RC_ASSERT(alone.has_value());
    const int steps = *rc::gen::inRange(0, 20);
    for (int i = 0; i < steps; ++i) RC_ASSERT(alone->step(1).has_value());
  }
  catch_up(history, store, 7);
  RC_ASSERT(contents_of(store) == contents_after_all_of(history));
  for (const std::string& name : view_names())
    RC_ASSERT(store.view(name).checkpoint().position == history.head());
}

RC_GTEST_PROP(CatchUp, BuildsViewsThatMatchTheEvents, ()) {
  History history;
  play(history);
  MemoryViewStore store(view_names());
  catch_up(history, store, 5);
  const Views views(store);

  for (const auto& [id, product] : history.state().products) RC_ASSERT(views.product(id)->state == product);
  for (const auto& [id, order] : history.state().orders) RC_ASSERT(views.order(id)->state == order);
  std::map<StreamId, std::vector<GlobalPosition>> streams;
  for (const RecordedEvent& event : history.events()) {
    for (const auto& [stream, version] : streams_of(event)) streams[stream].push_back(event.position);
    if (!event.identity) continue;
    const auto receipts = views.receipts({&event.identity->id, 1}).value();
    RC_ASSERT(receipts.at(0) == Receipts({Receipt{event.identity->body, event.position}}));
  }
  for (const auto& [stream, positions] : streams) {
    RC_ASSERT(views.stream(stream, GlobalPosition(0), 1'000).value() == positions);
  }
  std::uint64_t free = 1;
  while (history.state().find(order_id(std::to_string(free))) != nullptr) ++free;
  RC_ASSERT(views.next_order_number().value() == free);
}

/// A few orders of few products, with so many events that streams fill blocks.
RC_GTEST_PROP(CatchUp, BuildsSameLongStreamsForAnySteps, ()) {
  History history;
  for (const char* product : {"A", "B"}) history.decide(RegisterProduct{sku(product), "", 1'000});
  const int events = *rc::gen::inRange(60, 400);
  const int events_a_commit = *rc::gen::inRange(1, 100);
  for (int i = 0; i < events; ++i) {
    const OrderId order = order_id(std::to_string(1 + i / 2));
    if (i % 2 == 0) {
      history.decide(PlaceOrder{order, {{sku("A"), 1}, {sku("B"), 1}}});
    } else {
      history.decide(AbortOrder{order, ""});
    }
    if (i % events_a_commit == 0) history.commit();
  }
  history.commit();

  MemoryViewStore store(view_names());
  const auto max_events = *rc::gen::inRange<std::size_t>(1, 150);
  while (store.view("streams").checkpoint().position < history.head()) {
    auto started = CatchUp::start(history.log(), store, all_projections());
    RC_ASSERT(started.has_value());
    for (int i = 0; i < 3; ++i) RC_ASSERT(started->step(max_events).has_value());
  }
  RC_ASSERT(contents_of(store) == contents_after_all_of(history));
  std::vector<GlobalPosition> expected;
  for (const RecordedEvent& event : history.events()) {
    for (const auto& [stream, version] : streams_of(event)) {
      if (stream == StreamId::of(sku("A"))) expected.push_back(event.position);
    }
  }
  RC_ASSERT(Views(store).stream(StreamId::of(sku("A")), GlobalPosition(0), 10'000).value() == expected);
}

TEST_F(CatchUpTest, StepTakesWholeCommitsAndAtLeastOne) {
  auto started = CatchUp::start(history_.log(), store_, all_projections());
  ASSERT_TRUE(started);
  EXPECT_EQ(started->step(1).value(), 1U);
  EXPECT_EQ(started->step(1).value(), 2U);
  EXPECT_EQ(started->position(), GlobalPosition(3));
  EXPECT_EQ(started->step(100).value(), 1U);
  EXPECT_EQ(started->step(100).value(), 0U);
}

TEST_F(CatchUpTest, ContinuesWithLaterAppends) {
  auto started = CatchUp::start(history_.log(), store_, all_projections());
  ASSERT_TRUE(started);
  EXPECT_EQ(started->step(100).value(), 4U);
  EXPECT_EQ(started->step(100).value(), 0U);
  history_.happens(FulfilOrder{order_id("2"), ""});
  EXPECT_EQ(started->step(100).value(), 1U);
  EXPECT_EQ(Views(store_).order(order_id("2"))->state->status, OrderStatus::fulfilled);
}

TEST_F(CatchUpTest, CheckpointNamesVersionAndHeadOfRows) {
  given_views_of_all();
  const Head head = history_.log().head();
  for (const Projection* projection : all_projections()) {
    EXPECT_EQ(store_.view(projection->name()).checkpoint(),
              (ViewCheckpoint{projection->version(), head.ledger, head.epoch, head.position, head.hash}));
  }
}

TEST_F(CatchUpTest, LeavesCheckpointEmptyForEmptyLog) {
  History empty;
  catch_up(empty, store_, 100);
  EXPECT_EQ(store_.view("stock").checkpoint(), ViewCheckpoint{});
}

TEST_F(CatchUpTest, RebuildsViewWhoseVersionWasRaised) {
  given_views_of_all();
  const Contents before = contents_of(store_);
  const NextStockProjection next;
  catch_up(history_, store_, 100, std::vector<const Projection*>{&next, &order_projection()});

  const Contents after = contents_of(store_);
  EXPECT_EQ(after.at("stock").size(), 4U);
  EXPECT_TRUE(after.at("stock").contains("event 1"));
  EXPECT_EQ(after.at("orders"), before.at("orders"));
}

TEST_F(CatchUpTest, RebuildsViewsOfAnotherLedger) {
  History foreign(ledger_id(2));
  for (int i = 0; i < 20; ++i) foreign.happens(RegisterProduct{sku("P" + std::to_string(i)), "", 1});
  catch_up(foreign, store_, 100);

  given_views_of_all();
  EXPECT_EQ(contents_of(store_), contents_after_all_of(history_));
}

TEST_F(CatchUpTest, RebuildsViewsOfAnotherEpoch) {
  History before_restore(ledger_id(1), Epoch(7));
  before_restore.happens(RegisterProduct{sku("Z"), "", 1});
  catch_up(before_restore, store_, 100);

  given_views_of_all();
  EXPECT_EQ(contents_of(store_), contents_after_all_of(history_));
}

TEST_F(CatchUpTest, RebuildsViewsWithoutCheckpoint) {
  const Head head = history_.log().head();
  for (const Projection* projection : all_projections()) {
    const ViewCheckpoint before_the_first = {.version = projection->version(),
                                             .ledger = head.ledger,
                                             .epoch = head.epoch,
                                             .position = {},
                                             .hash = {}};
    for (const ViewCheckpoint& nothing : {ViewCheckpoint{}, before_the_first}) {
      given_views_of_all();
      given_checkpoint(projection->name(), nothing);
      given_views_of_all();
      EXPECT_EQ(contents_of(store_), contents_after_all_of(history_)) << projection->name();
    }
  }
}

TEST_F(CatchUpTest, RejectsViewAheadOfTheLog) {
  given_views_of_all();
  ViewCheckpoint ahead = store_.view("orders").checkpoint();
  ahead.position = GlobalPosition(5);
  given_checkpoint("orders", ahead);
  expect_corruption("the log ends at position 4");
}

TEST_F(CatchUpTest, RejectsViewOfAnotherCommit) {
  given_views_of_all();
  ViewCheckpoint other = store_.view("orders").checkpoint();
  other.hash.bytes[31] ^= 1;
  given_checkpoint("orders", other);
  expect_corruption("another hash");
}

TEST_F(CatchUpTest, RejectsViewThatEndsWithinACommit) {
  given_views_of_all();
  ViewCheckpoint within = store_.view("orders").checkpoint();
  within.position = GlobalPosition(2);
  given_checkpoint("orders", within);
  expect_corruption("no commit of the log ends there");
}

TEST_F(CatchUpTest, RejectsImpossibleEventAndWritesNothing) {
  given_views_of_all();
  const Contents before = contents_of(store_);
  Commit commit;
  commit.events.push_back({history_.head().next(),
                           UnixMillis(0),
                           StreamVersion(1),
                           {},
                           "",
                           ProductRegistered{sku("A"), "again", 1}});
  ASSERT_TRUE(std::holds_alternative<Appended>(history_.log().append(history_.head(), std::move(commit))));

  auto started = CatchUp::start(history_.log(), store_, all_projections());
  ASSERT_TRUE(started);
  const auto events = started->step(100);
  ASSERT_FALSE(events);
  EXPECT_EQ(events.error().kind, FaultKind::corruption);
  EXPECT_EQ(events.error().position, GlobalPosition(5));
  EXPECT_EQ(contents_of(store_), before);
}

TEST_F(CatchUpTest, RejectsDamagedProductRow) {
  given_views_of_all();
  View& stock = store_.view("stock");
  ASSERT_TRUE(stock.write({{"pA", "\xFF"}}, stock.checkpoint()));
  history_.happens(ReceiveStock{sku("A"), 1, ""});
  expect_fault_of_next_step("product A");
}

TEST_F(CatchUpTest, RejectsEventOfOrderMissingFromView) {
  given_views_of_all();
  View& orders = store_.view("orders");
  ASSERT_TRUE(orders.write({{"2", std::nullopt}}, orders.checkpoint()));
  history_.happens(FulfilOrder{order_id("2"), ""});
  expect_fault_of_next_step("order 2 is unknown");
}

TEST_F(CatchUpTest, RejectsDamagedOrderRow) {
  given_views_of_all();
  View& orders = store_.view("orders");
  ASSERT_TRUE(orders.write({{"2", "\xFF"}}, orders.checkpoint()));
  history_.happens(FulfilOrder{order_id("2"), ""});
  expect_fault_of_next_step("order 2");
}

TEST_F(CatchUpTest, RejectsStreamThatLostItsLastBlock) {
  given_views_of_all();
  View& streams = store_.view("streams");
  ASSERT_TRUE(streams.write({{std::string("A") + std::string(9, '\0'), std::nullopt}}, streams.checkpoint()));
  history_.happens(ReceiveStock{sku("A"), 1, ""});
  expect_fault_of_next_step("product/A");
}

TEST_F(CatchUpTest, RebuildsViewsOfEarlierVersion) {
  given_views_of_all();
  const Contents current = contents_of(store_);
  for (const char* name : {"stock", "orders", "streams"}) {
    View& view = store_.view(name);
    ViewCheckpoint earlier = view.checkpoint();
    --earlier.version;
    ASSERT_TRUE(view.clear());
    ASSERT_TRUE(view.write({{"1", "as it was once"}, {"left over", ""}}, earlier));
  }
  given_views_of_all();
  EXPECT_EQ(contents_of(store_), current);
}

TEST_F(CatchUpTest, AppliesAbortLongAfterPlacement) {
  given_views_of_all();
  history_.happens(AbortOrder{order_id("2"), ""});
  given_views_of_all();  // a fold that has not seen the order placed
  const auto positions = Views(store_).stream(StreamId::of(order_id("2")), GlobalPosition(0), 9);
  EXPECT_EQ(positions.value(), (std::vector{GlobalPosition(3), GlobalPosition(5)}));
}

}  // namespace
}  // namespace stockfold
