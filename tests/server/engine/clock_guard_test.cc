// The clock that dates commits: when it is trusted, with the test's own clocks.
#include "server/engine/clock_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "server/http/wire.h"
#include "server/running_server.h"
#include "server/world.h"

namespace stockfold {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using testing::HasSubstr;

/// Both clocks of a machine, at set values.
struct MachineTime {
  std::atomic<std::int64_t> wall = 1'800'000'000'000;
  std::atomic<std::int64_t> running = 1'000;

  /// Time passes.
  void pass(milliseconds time) {
    wall += time.count();
    running += time.count();
  }
  /// Sets the wall clock.
  void set_ahead(milliseconds by) { wall += by.count(); }
};

class GuardedClock : public testing::Test {
 protected:
  Clocks clocks() const {
    return {.wall = [time = time_] { return UnixMillis(time->wall); },
            .running = [time = time_] { return milliseconds(time->running); }};
  }
  /// A guard of a log whose last commit was this long ago; below 0: later than now.
  ClockGuard guard_after(milliseconds age, ClockOptions options = {}) const {
    const Head head{.ledger = {},
                    .epoch = Epoch(1),
                    .position = GlobalPosition(1),
                    .hash = {},
                    .time = UnixMillis(time_->wall - age.count())};
    return {options, head, clocks()};
  }
  static std::string refusal_of(ClockGuard& guard) {
    const auto time = guard.time();
    if (time) return {};
    EXPECT_EQ(time.error().code, ErrorCode::clock_jumped);
    return time.error().detail;
  }

  std::shared_ptr<MachineTime> time_ = std::make_shared<MachineTime>();
};

TEST_F(GuardedClock, IsAcceptedWhileItRunsNormally) {
  ClockGuard guard = guard_after(1h);
  for (int hour = 0; hour < 10'000; ++hour) {
    time_->pass(1h);
    ASSERT_EQ(guard.time(), UnixMillis(time_->wall));
  }
  EXPECT_EQ(guard.jump(), 0ms);
}

TEST_F(GuardedClock, IsAcceptedThroughSmallStepsAndDrift) {
  ClockGuard guard = guard_after(1h);
  for (int i = 0; i < 100; ++i) {
    time_->set_ahead(i % 2 == 0 ? 299s : -299s);
    EXPECT_EQ(refusal_of(guard), "");
    time_->pass(1s);
    time_->set_ahead(100ms);
  }
}

TEST_F(GuardedClock, IsRefusedAfterJumpAheadUntilCorrected) {
  ClockGuard guard = guard_after(1h);
  time_->set_ahead(365 * 24h);
  EXPECT_THAT(refusal_of(guard), HasSubstr("the clock is 31536000 s ahead of where it should be"));
  EXPECT_EQ(guard.jump(), 365 * 24h);
  time_->pass(24h);
  EXPECT_NE(refusal_of(guard), "") << "that it stays wrong makes it no more right";
  time_->set_ahead(-365 * 24h);
  EXPECT_EQ(refusal_of(guard), "");
  EXPECT_EQ(guard.obstacle(), "");
  EXPECT_EQ(guard.jump(), 0ms);
}

TEST_F(GuardedClock, IsRefusedBeyondConfiguredMaximumJump) {
  ClockGuard strict = guard_after(1h, {.max_jump = 2s});
  ClockGuard careless = guard_after(1h, {.max_jump = 0ms});
  time_->set_ahead(2s);
  EXPECT_EQ(refusal_of(strict), "");
  time_->set_ahead(2'001ms);
  EXPECT_NE(refusal_of(strict), "");
  time_->set_ahead(365 * 24h);
  EXPECT_EQ(refusal_of(careless), "");
}

TEST_F(GuardedClock, IsAcceptedAfterMachineSuspend) {
  ClockGuard guard = guard_after(1h);
  time_->pass(72h);  // the running clock counts that, too
  EXPECT_EQ(refusal_of(guard), "");
}

TEST_F(GuardedClock, IsRefusedWhileSetBackAndAcceptedOnceCorrected) {
  ClockGuard guard = guard_after(0ms);
  time_->set_ahead(-1h);
  EXPECT_THAT(refusal_of(guard), HasSubstr("3600 s later"));
  EXPECT_EQ(guard.jump(), -1h);
  time_->pass(10min);
  time_->set_ahead(1h);
  EXPECT_EQ(refusal_of(guard), "") << "that is no jump ahead";
}

TEST_F(GuardedClock, IsRefusedBehindLogUnlessAcceptedAtStart) {
  ClockGuard guard = guard_after(-365 * 24h);
  EXPECT_THAT(refusal_of(guard), HasSubstr("31536000 s later: this attempt did nothing"));
  EXPECT_THAT(refusal_of(guard), HasSubstr("--accept-clock"));
  ClockGuard accepted = guard_after(-365 * 24h, {.accept = true});
  EXPECT_EQ(refusal_of(accepted), "");
  time_->set_ahead(-301s);
  EXPECT_NE(refusal_of(accepted), "") << "it was not accepted that it goes back further";
}

TEST_F(GuardedClock, IsAcceptedOnceCorrectedAfterStartBehindLog) {
  ClockGuard guard = guard_after(-24h * 30);
  EXPECT_NE(refusal_of(guard), "");
  time_->pass(1min);
  time_->set_ahead(24h * 31);
  EXPECT_EQ(refusal_of(guard), "") << "no time was right before";
  time_->set_ahead(24h);
  EXPECT_NE(refusal_of(guard), "");
}

TEST_F(GuardedClock, IsRefusedFarAheadUnlessAcceptedAtStart) {
  ClockGuard guard = guard_after(24h * 91);
  EXPECT_THAT(refusal_of(guard), HasSubstr("91 days after the last commit: this attempt did nothing"));
  EXPECT_THAT(refusal_of(guard), HasSubstr("--accept-clock"));
  time_->set_ahead(-24h * 2);
  EXPECT_EQ(refusal_of(guard), "");
  ClockGuard accepted = guard_after(24h * 91, {.accept = true});
  EXPECT_EQ(refusal_of(accepted), "");
  ClockGuard idle = guard_after(24h * 90);
  EXPECT_EQ(refusal_of(idle), "");
  time_->pass(24h * 90);
  EXPECT_EQ(refusal_of(idle), "") << "the running clock says that it has been so long";
}

TEST_F(GuardedClock, IsAcceptedForNewLog) {
  ClockGuard guard({}, Head{}, clocks());
  EXPECT_EQ(guard.time(), UnixMillis(time_->wall));
}

TEST_F(GuardedClock, AdvancesOnThisMachine) {
  const Clocks machine = machine_clocks();
  const auto wall = machine.wall();
  const auto running = machine.running();
  EXPECT_GT(wall, UnixMillis(1'700'000'000'000));
  EXPECT_GT(running, 0ms);
  while (machine.running() == running || machine.wall() == wall) {
  }
}

// ---- a server with such a clock ---------------------------------------------------------------------------

TEST_F(GuardedClock, StopsCommandsButNotReadsAfterJump) {
  RunningServer server({.engine = {.clocks = clocks()}});
  auto wire = server.connect();
  const auto get = [&](const std::string& target) {
    return HttpWire((*server).http_endpoint().port()).get(target);
  };
  const Command registered = with_id(register_product("A", 3), 6);
  const Answer first = wire->execute(2, registered);
  ASSERT_TRUE(accepted(first));
  time_->set_ahead(365 * 24h);

  const Answer again = wire->execute(5, registered);
  EXPECT_TRUE(again.replayed) << "what was done is told again";
  EXPECT_EQ(again.outcome, first.outcome);
  EXPECT_EQ(error_code_of(wire->execute(3, with_id(receive("A", 1), 7))), ErrorCode::clock_jumped);
  const HttpReply refused =
      HttpWire((*server).http_endpoint().port()).ask("POST", "/product/A/receive/", "quantity=1");
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.header("retry-after"), testing::Not(""));
  EXPECT_THAT(refused.body, testing::StartsWith(R"({"type":"clock_jumped",)"));
  EXPECT_THAT(get("/product/A/").body, HasSubstr("\"stock\":3,"));
  const HttpReply ready = get("/health/ready");
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(ready.body, HasSubstr("31536000 s ahead"));
  const std::string metrics = get("/metrics").body;
  EXPECT_THAT(metrics, HasSubstr("\nstockfold_clock_jump_seconds 31536000\n"));
  EXPECT_THAT(metrics,
              HasSubstr("\nstockfold_commands_total{command=\"ReceiveStock\",outcome=\"clock_jumped\"} 2\n"));

  time_->set_ahead(-365 * 24h);
  const Answer done = wire->execute(4, with_id(receive("A", 1), 7));
  ASSERT_TRUE(accepted(done)) << "the refusal is no outcome of the id";
  EXPECT_FALSE(done.replayed);
  EXPECT_EQ(as_accepted(done).position, GlobalPosition(2));
  EXPECT_EQ(as_accepted(done).time, UnixMillis(time_->wall));
  EXPECT_EQ(get("/health/ready").status, 200);
}

TEST_F(GuardedClock, ChangesReadinessWithoutACommand) {
  RunningServer server({.engine = {.clocks = clocks()}});
  const auto ready = [&] { return HttpWire((*server).http_endpoint().port()).get("/health/ready").status; };
  EXPECT_EQ(ready(), 200);
  time_->set_ahead(365 * 24h);
  while (ready() != 503) std::this_thread::yield();
  time_->set_ahead(-365 * 24h);
  while (ready() != 200) std::this_thread::yield();
}

}  // namespace
}  // namespace stockfold
