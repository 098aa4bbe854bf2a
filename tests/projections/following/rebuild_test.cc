#include "projections/following/rebuild.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "projections/all.h"
#include "projections/following/catch_up.h"
#include "projections/history.h"
#include "projections/views.h"
#include "storage/codec/state_codec.h"
#include "storage/rocksdb/views.h"
#include "storage/views/view_digest.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

using testing::Each;
using testing::Field;
using testing::HasSubstr;

using Digests = std::map<std::string, std::string>;

Digests digests_of(ViewStore& store) {
  Digests digests;
  for (const std::string& name : view_names())
    digests[name] = to_hex(digest_of(name, *store.view(name).snapshot()).value());
  return digests;
}

Digests digests_of(const std::vector<RebuiltView>& views) {
  Digests digests;
  for (const RebuiltView& view : views) digests[view.view] = to_hex(view.digest);
  return digests;
}

class RebuildTest : public testing::Test {
 protected:
  RebuildTest() {
    history_.happens(RegisterProduct{sku("A"), "Apple", 10});
    history_.happens(RegisterProduct{sku("B"), "Banana", 5}, identity(7));
    history_.happens(PlaceOrder{order_id("1"), {{sku("A"), 2}}});
    history_.happens(AbortOrder{order_id("1"), "no"});
    catch_up(history_, store_);
    before_ = contents_of(store_);
  }

  RebuiltView when_rebuilt(const Projection& projection = stock_projection()) {
    const auto rebuilt = rebuild(history_.log(), store_, std::vector{&projection}, {});
    if (!rebuilt) {
      ADD_FAILURE() << rebuilt.error().what;
      return {};
    }
    return rebuilt->front();
  }

  void given_row(std::string_view view, std::string_view key, std::optional<std::string_view> value) {
    View& live = store_.view(view);
    ASSERT_TRUE(live.write({{key, value}}, live.checkpoint()));
  }

  void then_mended() { EXPECT_EQ(contents_of(store_), before_); }

  History history_;
  MemoryViewStore store_{view_names()};
  Contents before_;
};

TEST_F(RebuildTest, FindsCorrectViewsTheSame) {
  const auto rebuilt = rebuild(history_.log(), store_, all_projections(), {});
  ASSERT_TRUE(rebuilt) << rebuilt.error().what;
  EXPECT_THAT(*rebuilt, Each(Field(&RebuiltView::finding, RebuildFinding::same)));
  EXPECT_THAT(*rebuilt, Each(Field(&RebuiltView::position, history_.head())));
  for (const RebuiltView& view : *rebuilt) {
    EXPECT_EQ(view.live, view.digest);
    EXPECT_EQ(view.rows, before_[view.view].size());
  }
  EXPECT_EQ(digests_of(*rebuilt), digests_of(store_));
  then_mended();
}

TEST_F(RebuildTest, NamesAndFixesWrongRow) {
  Product product = *history_.state().products.at(sku("A"));
  product.received += 1;
  given_row("stock", "pA", encode(product));
  const RebuiltView rebuilt = when_rebuilt();
  EXPECT_EQ(rebuilt.finding, RebuildFinding::differs);
  EXPECT_EQ(rebuilt.difference, (RowDifference{"pA", encode(product), before_["stock"]["pA"]}));
  EXPECT_NE(rebuilt.live, rebuilt.digest);
  then_mended();
}

TEST_F(RebuildTest, NamesAndFixesMissingRow) {
  given_row("stock", "pB", std::nullopt);
  EXPECT_EQ(when_rebuilt().difference, (RowDifference{"pB", std::nullopt, before_["stock"]["pB"]}));
  then_mended();
}

TEST_F(RebuildTest, NamesAndFixesExtraRow) {
  given_row("stock", "AA", "what is this?");
  EXPECT_EQ(when_rebuilt().difference, (RowDifference{"AA", "what is this?", std::nullopt}));
  then_mended();
}

TEST_F(RebuildTest, BringsLiveViewToHeadFirst) {
  history_.happens(ReceiveStock{sku("A"), 5, ""});
  const RebuiltView rebuilt = when_rebuilt();
  EXPECT_EQ(rebuilt.finding, RebuildFinding::same);
  EXPECT_EQ(rebuilt.position, history_.head());
}

TEST_F(RebuildTest, ReplacesViewThatCannotCatchUp) {
  given_row("stock", "pA", "damaged");
  history_.happens(ReceiveStock{sku("A"), 5, ""});
  const RebuiltView rebuilt = when_rebuilt();
  EXPECT_EQ(rebuilt.finding, RebuildFinding::differs);
  EXPECT_EQ(rebuilt.live, std::nullopt);
  EXPECT_THAT(rebuilt.reason, HasSubstr("the row of product A"));
  EXPECT_EQ(Views(store_).product(sku("A"))->state, history_.state().products.at(sku("A")));
}

TEST_F(RebuildTest, BuildsViewThatWasNeverBuilt) {
  ASSERT_TRUE(store_.view("stock").clear());
  const RebuiltView rebuilt = when_rebuilt();
  EXPECT_EQ(rebuilt.finding, RebuildFinding::nothing);
  EXPECT_THAT(rebuilt.reason, HasSubstr("not built before"));
  EXPECT_EQ(rebuilt.rows, 2U);
  then_mended();
}

TEST_F(RebuildTest, DoesNotCompareViewOfAnotherVersion) {
  View& stock = store_.view("stock");
  ViewCheckpoint checkpoint = stock.checkpoint();
  checkpoint.version += 1;
  ASSERT_TRUE(stock.write({{"of another form", ""}}, checkpoint));
  const RebuiltView rebuilt = when_rebuilt();
  EXPECT_EQ(rebuilt.finding, RebuildFinding::nothing);
  EXPECT_THAT(rebuilt.reason, HasSubstr("version " + std::to_string(checkpoint.version)));
  then_mended();
}

TEST_F(RebuildTest, LeavesViewsUnchangedWhenLogCannotBeFolded) {
  Commit commit;
  commit.events.push_back({history_.head().next(),
                           UnixMillis(1'000),
                           StreamVersion(1),
                           {},
                           "",
                           ProductRegistered{sku("A"), "again", 1}});
  ASSERT_TRUE(std::holds_alternative<Appended>(history_.log().append(history_.head(), std::move(commit))));
  const auto rebuilt = rebuild(history_.log(), store_, all_projections(), {});
  ASSERT_FALSE(rebuilt);
  EXPECT_EQ(rebuilt.error().kind, FaultKind::corruption);
  EXPECT_EQ(rebuilt.error().position, history_.head());
  then_mended();
}

TEST_F(RebuildTest, MakesEmptyViewsFromEmptyLog) {
  History nothing;
  MemoryViewStore store(view_names());
  const auto rebuilt = rebuild(nothing.log(), store, all_projections(), {});
  ASSERT_TRUE(rebuilt);
  EXPECT_THAT(*rebuilt, Each(Field(&RebuiltView::rows, 0U)));
}

/// A rebuild that got this far and was then interrupted.
void given_interrupted(const EventLog& log, ViewStore& store, int steps, std::size_t events_a_step) {
  const CatchUp::Projected shadow{&stock_projection(), store.make_shadow("stock").value()};
  auto build = CatchUp::from_nothing(log, {&shadow, 1}, log.read(GlobalPosition(1)));
  for (int i = 0; i < steps; ++i) ASSERT_TRUE(build.step(events_a_step));
}

/// Digests depend on the log alone, whatever the threads and batches, and whether views were rebuilt,
/// followed or interrupted on the way.
RC_GTEST_PROP(Rebuild, YieldsSameDigestsHoweverViewsAreBuilt, ()) {
  History history;
  play(history);
  MemoryViewStore followed(view_names());
  catch_up(history, followed);
  const Digests expected = digests_of(followed);

  const RebuildOptions options{.threads = *rc::gen::inRange<std::size_t>(1, 6),
                               .events_a_batch = *rc::gen::inRange<std::size_t>(1, 50),
                               .progress = {}};
  MemoryViewStore store(view_names());
  if (*rc::gen::arbitrary<bool>()) catch_up(history, store);  // otherwise there is nothing to compare
  given_interrupted(history.log(), store, *rc::gen::inRange(0, 5), options.events_a_batch);

  const auto rebuilt = rebuild(history.log(), store, all_projections(), options);
  RC_ASSERT(rebuilt.has_value());
  RC_ASSERT(digests_of(*rebuilt) == expected);
  RC_ASSERT(digests_of(store) == expected);
  for (const RebuiltView& view : *rebuilt) RC_ASSERT(view.finding != RebuildFinding::differs);
}

TEST_F(RebuildTest, YieldsSameDigestsOnDiskAndAfterReopening) {
  const TemporaryDirectory directory;
  const auto open = [&] {
    return open_rocksdb_views({directory.path(), view_names(), 1U << 20, nullptr}).value();
  };
  for (const std::size_t threads : {1U, 3U}) {
    {
      const auto store = open();
      given_interrupted(history_.log(), *store, 1, 1);
    }
    const auto store = open();
    const auto rebuilt =
        rebuild(history_.log(), *store, all_projections(), {.threads = threads, .events_a_batch = threads});
    ASSERT_TRUE(rebuilt) << rebuilt.error().what;
    EXPECT_EQ(digests_of(*rebuilt), digests_of(store_));
    EXPECT_EQ(digests_of(*store), digests_of(store_));
  }
  EXPECT_EQ(digests_of(*open()), digests_of(store_));
}

TEST(ViewComparison, NamesFirstOfManyDifferences) {
  MemoryViewStore store({"live", "rebuilt"});
  RowChanges live;
  RowChanges rebuilt;
  for (int i = 10'000; i < 30'000; ++i) {  // several pages
    const std::string key = std::to_string(i);
    live.put(key, i >= 25'000 ? "wrong" : "right");
    rebuilt.put(key, "right");
  }
  ASSERT_TRUE(store.view("live").write(live, {}));
  ASSERT_TRUE(store.view("rebuilt").write(rebuilt, {}));
  const auto compared = compare("stock", *store.view("live").snapshot(), *store.view("rebuilt").snapshot());
  ASSERT_TRUE(compared);
  EXPECT_EQ(compared->first, (RowDifference{"25000", "wrong", "right"}));
  EXPECT_EQ(compared->rows, 20'000U);
  EXPECT_EQ(compared->live, digest_of("stock", *store.view("live").snapshot()));
  EXPECT_EQ(compared->rebuilt, digest_of("stock", *store.view("rebuilt").snapshot()));
}

}  // namespace
}  // namespace stockfold
