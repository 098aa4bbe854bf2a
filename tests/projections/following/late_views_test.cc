#include "projections/following/late_views.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "projections/all.h"
#include "projections/history.h"
#include "projections/views.h"

namespace stockfold {
namespace {

using testing::HasSubstr;

/// A log that cannot be read beyond a limit: a reader that wants more waits.
class HeldLog final : public EventLog {
 public:
  explicit HeldLog(EventLog& log) : log_(log) {}

  void allow(std::uint64_t position) {
    const std::lock_guard lock(mutex_);
    allowed_ = position;
    changed_.notify_all();
  }
  void allow_all() { allow(std::numeric_limits<std::uint64_t>::max()); }
  /// Readers that wait, or would have to, get a fault instead; or no more.
  void set_broken(bool broken) {
    const std::lock_guard lock(mutex_);
    broken_ = broken;
    changed_.notify_all();
  }
  /// The first position from which it was read for a fold.
  [[nodiscard]] GlobalPosition read_from() const { return GlobalPosition(read_from_); }

  [[nodiscard]] Head head() const override { return log_.head(); }
  [[nodiscard]] UnixMillis created() const override { return log_.created(); }
  AppendResult append(GlobalPosition expected, Commit commit) override {
    return log_.append(expected, std::move(commit));
  }
  [[nodiscard]] std::unique_ptr<LogCursor> read(GlobalPosition from) const override {
    read_from_ = from.value();
    return std::make_unique<Cursor>(*this, log_.read(from));
  }

 private:
  class Cursor final : public LogCursor {
   public:
    Cursor(const HeldLog& held, std::unique_ptr<LogCursor> cursor)
        : held_(held), cursor_(std::move(cursor)) {}
    Result<std::shared_ptr<const Commit>> next() override {
      auto commit = cursor_->next();
      if (!commit || *commit == nullptr) return commit;
      std::unique_lock lock(held_.mutex_);
      const auto allowed = [&] { return (*commit)->last().value() <= held_.allowed_; };
      held_.changed_.wait(lock, [&] { return allowed() || held_.broken_; });
      if (!allowed()) return std::unexpected(Fault{FaultKind::io, "broken", (*commit)->first()});
      return commit;
    }

   private:
    const HeldLog& held_;
    std::unique_ptr<LogCursor> cursor_;
  };

  EventLog& log_;
  mutable std::atomic<std::uint64_t> read_from_ = 0;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::uint64_t allowed_ = 0;
  bool broken_ = false;
};

/// The projections that gate commands, or the others.
std::vector<const Projection*> projections(bool gates) {
  std::vector<const Projection*> chosen;
  std::ranges::copy_if(all_projections(), std::back_inserter(chosen),
                       [gates](const Projection* each) { return each->gates_commands() == gates; });
  return chosen;
}

class LateViewsTest : public testing::Test {
 protected:
  LateViewsTest() {
    history_.happens(RegisterProduct{sku("A"), "Apple", 1'000});
    for (int i = 1; i <= 9; ++i) given_order();
    auto catch_up = CatchUp::start(history_.log(), store_, projections(/*gates=*/true));
    follower_ = std::make_unique<Follower>(
        std::move(*catch_up), store_, FollowerOptions{},
        Follower::Callbacks{.applied = {},
                            .failed = [](const Fault& fault) { ADD_FAILURE() << fault.what; }});
    follower_->start();
    while (follower_->applied() < history_.head()) std::this_thread::yield();
  }
  ~LateViewsTest() override {
    log_.allow_all();
    late_.reset();
    follower_->stop();
  }

  void given_order() {
    ++orders_;
    history_.happens(PlaceOrder{order_id(std::to_string(orders_)), {{sku("A"), 1}}});
  }

  void when_started(std::uint64_t allowed) {
    log_.allow(allowed);
    late_ = std::make_unique<LateViews>(
        log_, store_, *follower_, projections(/*gates=*/false),
        LateViews::Options{.events_a_batch = 1, .near_events = 0, .flush_every_events = 3},
        LateViews::Callbacks{.built = [this] { built_ = true; },
                             .failed =
                                 [this](const Fault& fault) {
                                   fault_ = fault;
                                   failed_ = true;
                                 }});
    EXPECT_TRUE(late_->progress("movements"));
    late_->pause(paused_);
    late_->start();
  }
  void when_at(std::uint64_t position) const {
    for (auto at = late_->progress("movements"); at && at->at.value() < position;
         at = late_->progress("movements"))
      std::this_thread::yield();
  }
  void when_ready() const {
    while (!built_) std::this_thread::yield();
  }

  void then_every_view_is_right() {
    follower_->notify();
    follower_->stop();
    MemoryViewStore other(view_names());
    auto catch_up = CatchUp::start(history_.log(), other, all_projections());
    while (catch_up->step(1'000).value() > 0) {
    }
    EXPECT_EQ(contents_of(store_), contents_of(other));
    for (const std::string& name : view_names())
      EXPECT_EQ(store_.view(name).checkpoint(), other.view(name).checkpoint()) << name;
  }

  History history_;
  HeldLog log_{history_.log()};
  MemoryViewStore store_{view_names()};
  std::unique_ptr<Follower> follower_;
  std::unique_ptr<LateViews> late_;
  int orders_ = 0;
  bool paused_ = false;
  std::atomic<bool> built_ = false;
  std::atomic<bool> failed_ = false;
  Fault fault_;
};

TEST(GatingViews, AreStockOrdersAndReceipts) {
  std::vector<std::string_view> names;
  for (const Projection* each : projections(/*gates=*/true)) names.push_back(each->name());
  EXPECT_THAT(names, testing::ElementsAre("stock", "orders", "receipts"));
}

TEST_F(LateViewsTest, AreNotReadyBeforeReachingTheHead) {
  when_started(4);
  when_at(4);
  EXPECT_EQ(late_->progress("movements")->at, GlobalPosition(4));
  EXPECT_EQ(late_->progress("streams")->head, GlobalPosition(10));
  EXPECT_FALSE(late_->progress("stock"));
  EXPECT_FALSE(late_->progress("no view"));
  EXPECT_FALSE(built_);
  log_.allow_all();
  when_ready();
  EXPECT_FALSE(late_->progress("movements"));
  EXPECT_FALSE(late_->progress("streams"));
  then_every_view_is_right();
}

TEST_F(LateViewsTest, AreFollowedOnceReady) {
  when_started(10);
  when_ready();
  given_order();
  then_every_view_is_right();
}

TEST_F(LateViewsTest, IncludeEventsRecordedWhileBuilding) {
  when_started(3);
  when_at(3);
  for (int i = 0; i < 100; ++i) {
    given_order();
    follower_->notify();
    if (i == 50) log_.allow_all();
  }
  when_ready();
  given_order();
  then_every_view_is_right();
}

TEST_F(LateViewsTest, AreNotBuiltWhilePaused) {
  paused_ = true;
  when_started(10);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // nothing must happen
  EXPECT_EQ(late_->progress("movements")->at, GlobalPosition(0));
  late_->pause(false);
  when_ready();
  then_every_view_is_right();
}

TEST_F(LateViewsTest, StopWhilePaused) {
  paused_ = true;
  when_started(10);
  late_->stop();
  EXPECT_FALSE(built_);
  EXPECT_TRUE(late_->progress("movements"));
}

TEST_F(LateViewsTest, ResumeFromTheirCheckpoint) {
  when_started(6);
  when_at(6);
  log_.set_broken(true);
  while (!failed_) std::this_thread::yield();
  EXPECT_EQ(fault_.what, "broken");
  EXPECT_FALSE(built_);
  EXPECT_TRUE(late_->progress("movements"));
  const GlobalPosition reached = store_.view("movements").checkpoint().position;
  EXPECT_EQ(reached, GlobalPosition(6));

  log_.set_broken(false);
  when_started(10);
  when_ready();
  EXPECT_EQ(log_.read_from(), reached.next());
  then_every_view_is_right();
}

TEST_F(LateViewsTest, DiscardRowsOfAnotherVersion) {
  View& movements = store_.view("movements");
  ViewCheckpoint older = store_.view("stock").checkpoint();
  older.version = movement_projection().version() + 1;
  ASSERT_TRUE(movements.write({{"left over", "from then"}}, older));
  when_started(10);
  when_ready();
  then_every_view_is_right();
}

TEST_F(LateViewsTest, AreCorruptWhenFromAnotherLog) {
  View& movements = store_.view("movements");
  ViewCheckpoint other = store_.view("stock").checkpoint();
  other.version = movement_projection().version();
  other.hash.bytes.fill(7);
  ASSERT_TRUE(movements.write({}, other));
  when_started(10);
  while (!failed_) std::this_thread::yield();
  EXPECT_EQ(fault_.kind, FaultKind::corruption);
  EXPECT_THAT(fault_.what, HasSubstr("view movements"));
  EXPECT_TRUE(late_->progress("movements"));
}

}  // namespace
}  // namespace stockfold
