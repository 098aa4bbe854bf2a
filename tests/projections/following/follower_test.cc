#include "projections/following/follower.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "projections/history.h"
#include "projections/views.h"

namespace stockfold {
namespace {

using testing::SizeIs;

/// Counts what is made durable.
class CountingStore final : public ViewStore {
 public:
  [[nodiscard]] View& view(std::string_view name) override { return store_.view(name); }
  Result<void> flush() override {
    ++flushes;
    if (broken) return std::unexpected(Fault{FaultKind::io, "the disk is full", {}});
    return {};
  }

  Result<void> begin_flush() override { return flush(); }
  Result<View*> make_shadow(std::string_view name) override { return store_.make_shadow(name); }
  Result<void> replace_by_shadow(std::string_view name) override { return store_.replace_by_shadow(name); }
  Result<void> drop_shadow(std::string_view name) override { return store_.drop_shadow(name); }

  std::atomic<int> flushes = 0;
  std::atomic<bool> broken = false;

 private:
  MemoryViewStore store_{view_names()};
};

class FollowerTest : public testing::Test {
 protected:
  void given_follower(FollowerOptions options = {}) {
    auto catch_up = CatchUp::start(history_.log(), store_, all_projections());
    ASSERT_TRUE(catch_up);
    follower_ = std::make_unique<Follower>(
        std::move(*catch_up), store_, options,
        Follower::Callbacks{[this](GlobalPosition position) { note([&] { applied_.push_back(position); }); },
                            [this](const Fault& fault) { note([&] { faults_.push_back(fault); }); }});
  }

  void given_products(int count) {
    for (int i = 0; i < count; ++i)
      history_.happens(RegisterProduct{sku("P" + std::to_string(++products_)), "", 1});
  }

  void then_applied(GlobalPosition position) {
    wait_until([&] { return !applied_.empty() && applied_.back() == position; });
    EXPECT_EQ(follower_->applied(), position);
  }
  void then_failed(FaultKind kind) {
    wait_until([&] { return !faults_.empty(); });
    follower_->stop();
    ASSERT_THAT(faults_, SizeIs(1));
    EXPECT_EQ(faults_.front().kind, kind);
  }

  template <class Condition>
  void wait_until(const Condition& condition) {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, std::chrono::seconds(60), condition));
  }

  History history_;
  CountingStore store_;
  std::vector<GlobalPosition> applied_;
  std::vector<Fault> faults_;
  std::unique_ptr<Follower> follower_;

 private:
  template <class Change>
  void note(const Change& change) {
    const std::lock_guard lock(mutex_);
    change();
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  int products_ = 0;
};

TEST_F(FollowerTest, StepsWhenItsCallerSaysSo) {
  given_follower();
  given_products(3);
  EXPECT_EQ(follower_->step(2).value(), 2U);
  EXPECT_EQ(follower_->applied(), GlobalPosition(2));
  EXPECT_EQ(follower_->step(2).value(), 1U);
  EXPECT_EQ(follower_->step(2).value(), 0U);
  EXPECT_THAT(applied_, testing::ElementsAre(GlobalPosition(2), GlobalPosition(3)));
}

TEST_F(FollowerTest, CatchesUpWhenStarted) {
  given_products(3);
  given_follower();
  EXPECT_EQ(follower_->applied(), GlobalPosition(0));
  follower_->start();
  then_applied(GlobalPosition(3));
}

TEST_F(FollowerTest, FollowsWhenNotified) {
  given_follower();
  follower_->start();
  for (std::uint64_t position = 1; position <= 3; ++position) {
    given_products(1);
    follower_->notify();
    then_applied(GlobalPosition(position));
  }
  EXPECT_TRUE(Views(store_).product(sku("P3"))->state.has_value());
}

TEST_F(FollowerTest, StartsFromCheckpointOfViews) {
  given_products(3);
  given_follower();
  follower_->start();
  follower_->stop();
  applied_.clear();
  given_products(1);
  given_follower();
  EXPECT_EQ(follower_->applied(), GlobalPosition(3));
  follower_->start();
  follower_->stop();
  EXPECT_THAT(applied_, testing::ElementsAre(GlobalPosition(4)));
}

TEST_F(FollowerTest, DrainsToHeadAndFlushesWhenStopped) {
  given_follower();
  follower_->start();
  given_products(50);  // and the follower is not notified
  follower_->stop();
  EXPECT_EQ(follower_->applied(), GlobalPosition(50));
  EXPECT_EQ(store_.view("stock").checkpoint().position, GlobalPosition(50));
  EXPECT_GE(store_.flushes, 1);
}

TEST_F(FollowerTest, SecondStopDoesNothing) {
  given_follower();
  follower_->start();
  follower_->stop();
  const int flushes = store_.flushes;
  follower_->stop();
  EXPECT_EQ(store_.flushes, flushes);
}

TEST_F(FollowerTest, StopsWithoutFlushWhenNeverStarted) {
  given_follower();
  follower_->stop();
  EXPECT_EQ(store_.flushes, 0);
}

TEST_F(FollowerTest, FlushesAfterConfiguredNumberOfEvents) {
  given_products(20);
  given_follower({.events_a_batch = 1, .flush_every_events = 5});
  follower_->start();
  follower_->stop();
  EXPECT_EQ(store_.flushes, 4 + 1) << "at 5, 10, 15 and 20, and when it stopped";
  EXPECT_THAT(applied_, SizeIs(20));
}

constexpr FollowerOptions kGathersForEver{.gather = std::chrono::hours(1)};

TEST_F(FollowerTest, GathersAfterBatchUntilHurried) {
  given_products(3);
  given_follower(kGathersForEver);
  follower_->start();
  then_applied(GlobalPosition(3));
  given_products(1);
  follower_->notify();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(follower_->applied(), GlobalPosition(3));
  follower_->hurry();
  then_applied(GlobalPosition(4));
}

TEST_F(FollowerTest, GatheringEndsAfterItsTime) {
  given_products(3);
  given_follower({.gather = std::chrono::milliseconds(1)});
  follower_->start();
  then_applied(GlobalPosition(3));
  given_products(1);
  follower_->notify();
  then_applied(GlobalPosition(4));
}

TEST_F(FollowerTest, DoesNotGatherWhenBehind) {
  given_products(9);
  FollowerOptions options = kGathersForEver;
  options.events_a_batch = 3;
  given_follower(options);
  follower_->start();
  then_applied(GlobalPosition(9));
}

TEST_F(FollowerTest, DoesNotGatherWhenStopping) {
  given_products(3);
  given_follower(kGathersForEver);
  follower_->start();
  then_applied(GlobalPosition(3));
  given_products(5);
  follower_->stop();
  EXPECT_EQ(follower_->applied(), GlobalPosition(8));
}

TEST_F(FollowerTest, EndsWithOneFaultOnImpossibleEvent) {
  given_products(1);
  Commit commit;
  commit.events.push_back({history_.head().next(),
                           UnixMillis(0),
                           StreamVersion(1),
                           {},
                           "",
                           ProductRegistered{sku("P1"), "again", 1}});
  ASSERT_TRUE(std::holds_alternative<Appended>(history_.log().append(history_.head(), std::move(commit))));
  given_follower({.events_a_batch = 1, .flush_every_events = 100});
  follower_->start();
  then_failed(FaultKind::corruption);
  EXPECT_EQ(follower_->applied(), GlobalPosition(1));
  EXPECT_EQ(store_.flushes, 0) << "what cannot be trusted is not made durable";
}

TEST_F(FollowerTest, EndsWithOneFaultOnFailedFlush) {
  store_.broken = true;
  given_products(5);
  given_follower({.events_a_batch = 1, .flush_every_events = 2});
  follower_->start();
  then_failed(FaultKind::io);
  EXPECT_EQ(follower_->applied(), GlobalPosition(2));
  EXPECT_EQ(store_.flushes, 1);
}

}  // namespace
}  // namespace stockfold
