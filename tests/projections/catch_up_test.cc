#include "projections/catch_up.h"

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

void catch_up(History& history, ViewStore& store, std::size_t max_events,
              std::span<const Projection* const> projections = all_projections()) {
  auto started = CatchUp::start(history.log(), store, projections);
  ASSERT_TRUE(started) << started.error().what;
  while (true) {
    const auto events = started->step(max_events);
    ASSERT_TRUE(events) << events.error().what;
    if (*events == 0) break;
  }
  EXPECT_EQ(started->position(), history.head());
}

Contents contents_after_all_of(History& history) {
  MemoryViewStore store(view_names());
  catch_up(history, store, 1'000'000);
  return contents_of(store);
}

/// "stock" with rows of another form.
class NextStockProjection final : public Projection {
 public:
  [[nodiscard]] std::string_view name() const override { return "stock"; }
  [[nodiscard]] std::uint32_t version() const override { return stock_projection().version() + 1; }
  std::expected<void, Fault> apply(const RecordedEvent& event, ViewBatch& batch) const override {
    batch.put("event " + std::to_string(event.position.value()), "happened");
    return {};
  }
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

  History history_;
  MemoryViewStore store_{view_names()};
};

RC_GTEST_PROP(CatchUp, EndsTheSameWhateverTheStepsAndInterruptions, ()) {
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

RC_GTEST_PROP(CatchUp, EndsTheSameFromWhateverCheckpoints, ()) {
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

RC_GTEST_PROP(CatchUp, LeavesInTheViewsWhatTheEventsComeTo, ()) {
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
    RC_ASSERT(views.receipt(event.identity->id).value() == Receipt({event.identity->body, event.position}));
  }
  for (const auto& [stream, positions] : streams) {
    RC_ASSERT(views.stream(stream, GlobalPosition(0), 1'000).value() == positions);
  }
  std::uint64_t free = 1;
  while (history.state().find(order_id(std::to_string(free))) != nullptr) ++free;
  RC_ASSERT(views.next_order_number().value() == free);
}

TEST_F(CatchUpTest, AStepTakesWholeCommitsAndOneAtLeast) {
  auto started = CatchUp::start(history_.log(), store_, all_projections());
  ASSERT_TRUE(started);
  EXPECT_EQ(started->step(1).value(), 1U);
  EXPECT_EQ(started->step(1).value(), 2U);
  EXPECT_EQ(started->position(), GlobalPosition(3));
  EXPECT_EQ(started->step(100).value(), 1U);
  EXPECT_EQ(started->step(100).value(), 0U);
}

TEST_F(CatchUpTest, GoesOnWithWhatIsAppendedLater) {
  auto started = CatchUp::start(history_.log(), store_, all_projections());
  ASSERT_TRUE(started);
  EXPECT_EQ(started->step(100).value(), 4U);
  EXPECT_EQ(started->step(100).value(), 0U);
  history_.happens(FulfilOrder{order_id("2"), ""});
  EXPECT_EQ(started->step(100).value(), 1U);
  EXPECT_EQ(Views(store_).order(order_id("2"))->state->status, OrderStatus::fulfilled);
}

TEST_F(CatchUpTest, ACheckpointSaysWhatTheRowsAreTheFoldOf) {
  given_views_of_all();
  const Head head = history_.log().head();
  for (const Projection* projection : all_projections()) {
    EXPECT_EQ(store_.view(projection->name()).checkpoint(),
              (ViewCheckpoint{projection->version(), head.ledger, head.epoch, head.position, head.hash}));
  }
}

TEST_F(CatchUpTest, AnEmptyLogHasNothingToFold) {
  History empty;
  catch_up(empty, store_, 100);
  EXPECT_EQ(store_.view("stock").checkpoint(), ViewCheckpoint{});
}

TEST_F(CatchUpTest, ARaisedVersionBuildsThatViewAnew) {
  given_views_of_all();
  const Contents before = contents_of(store_);
  const NextStockProjection next;
  catch_up(history_, store_, 100, std::vector<const Projection*>{&next, &order_projection()});

  const Contents after = contents_of(store_);
  EXPECT_EQ(after.at("stock").size(), 4U);
  EXPECT_TRUE(after.at("stock").contains("event 1"));
  EXPECT_EQ(after.at("orders"), before.at("orders"));
}

TEST_F(CatchUpTest, ViewsOfAnotherLedgerAreBuiltAnew) {
  History foreign(ledger_id(2));
  for (int i = 0; i < 20; ++i) foreign.happens(RegisterProduct{sku("P" + std::to_string(i)), "", 1});
  catch_up(foreign, store_, 100);

  given_views_of_all();
  EXPECT_EQ(contents_of(store_), contents_after_all_of(history_));
}

TEST_F(CatchUpTest, ViewsOfAnotherEpochAreBuiltAnew) {
  History before_restore(ledger_id(1), Epoch(7));
  before_restore.happens(RegisterProduct{sku("Z"), "", 1});
  catch_up(before_restore, store_, 100);

  given_views_of_all();
  EXPECT_EQ(contents_of(store_), contents_after_all_of(history_));
}

TEST_F(CatchUpTest, AViewAheadOfTheLogIsCorruption) {
  given_views_of_all();
  ViewCheckpoint ahead = store_.view("orders").checkpoint();
  ahead.position = GlobalPosition(5);
  given_checkpoint("orders", ahead);
  expect_corruption("the log ends at position 4");
}

TEST_F(CatchUpTest, AViewOfAnotherCommitThanTheLogsIsCorruption) {
  given_views_of_all();
  ViewCheckpoint other = store_.view("orders").checkpoint();
  other.hash.bytes[31] ^= 1;
  given_checkpoint("orders", other);
  expect_corruption("another hash");
}

TEST_F(CatchUpTest, AViewThatEndsWithinACommitIsCorruption) {
  given_views_of_all();
  ViewCheckpoint within = store_.view("orders").checkpoint();
  within.position = GlobalPosition(2);
  given_checkpoint("orders", within);
  expect_corruption("no commit of the log ends there");
}

TEST_F(CatchUpTest, AnEventThatCannotHaveHappenedIsCorruptionAndWritesNothing) {
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

TEST_F(CatchUpTest, ADamagedRowIsCorruption) {
  given_views_of_all();
  View& stock = store_.view("stock");
  ASSERT_TRUE(stock.write({{"A", "\xFF"}}, stock.checkpoint()));
  history_.happens(ReceiveStock{sku("A"), 1, ""});

  auto started = CatchUp::start(history_.log(), store_, all_projections());
  ASSERT_TRUE(started);
  const auto events = started->step(100);
  ASSERT_FALSE(events);
  EXPECT_EQ(events.error().kind, FaultKind::corruption);
  EXPECT_THAT(events.error().what, HasSubstr("product A"));
}

}  // namespace
}  // namespace stockfold
