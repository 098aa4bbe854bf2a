#include "projections/following/live_rebuild.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "projections/all.h"
#include "projections/history.h"
#include "projections/views.h"
#include "storage/rocksdb/views.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

using Outcome = Result<std::optional<RebuiltView>>;

std::unique_ptr<Follower> following(const EventLog& log, ViewStore& store, FollowerOptions options = {}) {
  auto catch_up = CatchUp::start(log, store, all_projections());
  if (!catch_up) ADD_FAILURE() << catch_up.error().what;
  auto follower = std::make_unique<Follower>(
      std::move(*catch_up), store, options,
      Follower::Callbacks{.applied = {}, .failed = [](const Fault& fault) { ADD_FAILURE() << fault.what; }});
  follower->start();
  return follower;
}

class LiveRebuildTest : public testing::Test {
 protected:
  LiveRebuildTest() {
    history_.happens(RegisterProduct{sku("A"), "Apple", 10});
    history_.happens(PlaceOrder{order_id("1"), {{sku("A"), 2}}});
    options_.between_commits = [this](const ReplaceView& replace_view) {
      ++waits_;
      return replace_view();
    };
  }

  void given_followed() { follower_ = following(history_.log(), store_); }
  void given_damaged_stock() {
    given_followed();
    follower_->stop();
    View& stock = store_.view("stock");
    ASSERT_TRUE(stock.write({{"Z", "damaged"}}, stock.checkpoint()));
    given_followed();
  }

  Outcome when_rebuilt() {
    return rebuild_live(history_.log(), store_, *follower_, stock_projection(), options_, stop_.get_token());
  }

  /// Later events are folded in as well.
  void then_views_are_right() {
    history_.happens(AbortOrder{order_id("1"), ""});
    follower_->stop();
    EXPECT_EQ(contents_of(store_), contents_after_all_of(history_));
  }

  History history_;
  MemoryViewStore store_{view_names()};
  std::unique_ptr<Follower> follower_;
  LiveRebuildOptions options_;
  std::stop_source stop_;
  int waits_ = 0;
};

TEST_F(LiveRebuildTest, FindsCorrectViewSameWithoutPausingAppends) {
  given_followed();
  const Outcome rebuilt = when_rebuilt();
  ASSERT_TRUE(rebuilt && *rebuilt);
  EXPECT_EQ((*rebuilt)->finding, RebuildFinding::same);
  EXPECT_EQ((*rebuilt)->position, history_.head());
  EXPECT_EQ((*rebuilt)->rows, 1U);
  EXPECT_EQ(waits_, 0);
  then_views_are_right();
}

TEST_F(LiveRebuildTest, ReplacesDifferingViewBetweenCommits) {
  given_damaged_stock();
  const Outcome rebuilt = when_rebuilt();
  ASSERT_TRUE(rebuilt && *rebuilt);
  EXPECT_EQ((*rebuilt)->finding, RebuildFinding::differs);
  EXPECT_EQ((*rebuilt)->difference, (RowDifference{"Z", "damaged", std::nullopt}));
  EXPECT_EQ(waits_, 1);
  then_views_are_right();
}

TEST_F(LiveRebuildTest, IncludesEventsAppendedBeforeReplacement) {
  given_damaged_stock();
  options_.between_commits = [this](const ReplaceView& replace_view) {
    history_.happens(ReceiveStock{sku("A"), 3, ""});
    auto placed = replace_view();
    EXPECT_EQ(store_.view("stock").checkpoint().position, history_.head());
    EXPECT_EQ(Views(store_).product(sku("A"))->state, history_.state().products.at(sku("A")));
    return placed;
  };
  ASSERT_TRUE(when_rebuilt());
  then_views_are_right();
}

TEST_F(LiveRebuildTest, LeavesViewUnchangedWhenStopped) {
  given_followed();
  options_.progress = [this](GlobalPosition, GlobalPosition) { stop_.request_stop(); };
  const Outcome rebuilt = when_rebuilt();
  ASSERT_TRUE(rebuilt) << rebuilt.error().what;
  EXPECT_FALSE(*rebuilt);
  then_views_are_right();
}

TEST_F(LiveRebuildTest, LeavesViewUnchangedWhenItFails) {
  given_damaged_stock();
  options_.between_commits = [](const ReplaceView&) {
    return Result<void>(std::unexpected(Fault{FaultKind::io, "not now", {}}));
  };
  const Outcome rebuilt = when_rebuilt();
  ASSERT_FALSE(rebuilt);
  EXPECT_EQ(rebuilt.error().what, "not now");
  EXPECT_EQ(store_.view("stock").get("Z").value(), "damaged");
  ASSERT_TRUE(store_.view("stock").write({{"Z", std::nullopt}}, store_.view("stock").checkpoint()));
  then_views_are_right();
}

TEST_F(LiveRebuildTest, DoesNothingWithoutRunningFollower) {
  given_followed();
  follower_->stop();
  EXPECT_FALSE(when_rebuilt());
  EXPECT_EQ(contents_of(store_), contents_after_all_of(history_));
}

TEST_F(LiveRebuildTest, RebuildsViewsOneAfterAnother) {
  given_followed();
  for (const Projection* projection : all_projections()) {
    for (int i = 0; i < 2; ++i) {
      history_.happens(ReceiveStock{sku("A"), 1, ""});
      const Outcome rebuilt =
          rebuild_live(history_.log(), store_, *follower_, *projection, options_, stop_.get_token());
      ASSERT_TRUE(rebuilt && *rebuilt) << projection->name();
      EXPECT_EQ((*rebuilt)->finding, RebuildFinding::same) << projection->name();
    }
  }
  then_views_are_right();
}

/// The history goes on while a view is rebuilt, and the views end as they would have without the rebuild.
void then_rebuilt_while_it_goes_on(History& history, ViewStore& store, const Projection& projection,
                                   std::size_t events_a_batch, std::uint64_t near_events) {
  const auto follower = following(history.log(), store, {.events_a_batch = events_a_batch, .gather = {}});
  LiveRebuildOptions options{.events_a_batch = events_a_batch, .near_events = near_events};
  options.between_commits = [](const ReplaceView& replace_view) { return replace_view(); };
  auto rebuilt = std::async(std::launch::async, [&] {
    return rebuild_live(history.log(), store, *follower, projection, options, {});
  });
  history.happens(RegisterProduct{sku("Z"), "", 1});
  for (int i = 0; i < 50; ++i) {
    history.happens(ReceiveStock{sku("Z"), 1, ""});
    follower->notify();
  }
  const auto outcome = rebuilt.get();
  ASSERT_TRUE(outcome && *outcome);
  EXPECT_EQ((*outcome)->finding, RebuildFinding::same);
  history.happens(ReceiveStock{sku("Z"), 1, ""});
  follower->stop();
  EXPECT_EQ(contents_of(store), contents_after_all_of(history));
}

RC_GTEST_PROP(LiveRebuild, YieldsSameViewsWhileLogGrows, ()) {
  History history;
  play(history);
  MemoryViewStore store(view_names());
  const Projection* projection =
      *rc::gen::elementOf(std::vector<const Projection*>(all_projections().begin(), all_projections().end()));
  then_rebuilt_while_it_goes_on(history, store, *projection, *rc::gen::inRange<std::size_t>(1, 20),
                                *rc::gen::inRange<std::uint64_t>(0, 20));
}

TEST_F(LiveRebuildTest, YieldsSameViewsOnDiskWhileLogGrows) {
  const TemporaryDirectory directory;
  const auto store = open_rocksdb_views({directory.path(), view_names(), 1U << 20, nullptr}).value();
  then_rebuilt_while_it_goes_on(history_, *store, order_projection(), 5, 3);
}

}  // namespace
}  // namespace stockfold
