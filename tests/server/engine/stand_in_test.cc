// Who runs the handlers of the sockets while the serving thread is busy.
#include "server/engine/stand_in.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "server/engine/between_commits.h"
#include "server/engine/lending_log.h"
#include "storage/log/memory_log.h"
#include "support/ids.h"

namespace stockfold {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

class AStandIn : public testing::Test {
 protected:
  /// Posts a handler, and returns the thread on which it runs.
  std::future<std::thread::id> where_a_handler_runs() {
    auto where = std::make_shared<std::promise<std::thread::id>>();
    auto found = where->get_future();
    boost::asio::post(io_, [where] { where->set_value(std::this_thread::get_id()); });
    return found;
  }

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_ =
      boost::asio::make_work_guard(io_);
  StandIn stand_in_{io_};
};

TEST_F(AStandIn, RunsHandlersWhileALoanIsLong) {
  const auto turn = stand_in_.serve();
  auto where = where_a_handler_runs();
  const auto waited = stand_in_.lend([&] { return where.wait_for(60s); });
  ASSERT_EQ(waited, std::future_status::ready);
  EXPECT_NE(where.get(), std::this_thread::get_id());
}

TEST_F(AStandIn, RunsHandlersThatBecomeReadyDuringALoan) {
  const auto turn = stand_in_.serve();
  std::promise<void> fired;
  boost::asio::steady_timer timer(io_, 100ms);
  timer.async_wait([&](auto) { fired.set_value(); });
  EXPECT_EQ(stand_in_.lend([&] { return fired.get_future().wait_for(60s); }), std::future_status::ready);
}

TEST_F(AStandIn, LeavesHandlersToTheServingThreadBetweenLoans) {
  const auto turn = stand_in_.serve();
  stand_in_.lend([] { std::this_thread::sleep_for(30ms); });
  auto where = where_a_handler_runs();
  EXPECT_EQ(where.wait_for(100ms), std::future_status::timeout) << "nobody runs it yet";
  io_.poll();
  EXPECT_EQ(where.get(), std::this_thread::get_id());
}

TEST_F(AStandIn, IsThereForALoanAfterManyQuietSeconds) {
  const auto turn = stand_in_.serve();
  std::this_thread::sleep_for(1s);  // by then it sleeps until it is called
  auto where = where_a_handler_runs();
  EXPECT_EQ(stand_in_.lend([&] { return where.wait_for(60s); }), std::future_status::ready);
}

TEST_F(AStandIn, GivesTheSocketsBackAtOnce) {
  const auto turn = stand_in_.serve();
  std::vector<Clock::duration> handed_back;
  for (int loan = 0; loan < 21; ++loan) {
    Clock::time_point over;
    stand_in_.lend([&] {
      auto where = where_a_handler_runs();
      where.wait();                      // the stand-in has the sockets,
      std::this_thread::sleep_for(1ms);  // and waits for the next handler
      over = Clock::now();
    });
    handed_back.push_back(Clock::now() - over);
  }
  std::ranges::nth_element(handed_back, handed_back.begin() + 10);
  EXPECT_LT(handed_back[10], 20ms);
}

TEST_F(AStandIn, TellsHowLongTheSocketsHaveBeenLent) {
  const auto turn = stand_in_.serve();
  EXPECT_EQ(stand_in_.lent_for(), 0s);
  stand_in_.lend([&] {
    std::this_thread::sleep_for(20ms);
    EXPECT_GE(stand_in_.lent_for(), 20ms);
  });
  EXPECT_EQ(stand_in_.lent_for(), 0s);
}

TEST_F(AStandIn, ReturnsWhatTheWorkReturns) {
  const auto turn = stand_in_.serve();
  EXPECT_EQ(stand_in_.lend([] { return 7; }), 7);
}

TEST_F(AStandIn, IsIdleWhereNoHandlerCanComeAnyMore) {
  work_.reset();
  const auto turn = stand_in_.serve();
  io_.poll();
  stand_in_.lend([] { std::this_thread::sleep_for(50ms); });
  EXPECT_TRUE(io_.stopped());
}

/// Handlers touch a plain number, and the serving thread does between loans, which are short and long.
TEST_F(AStandIn, OneThreadAtATimeRunsHandlers) {
  const auto turn = stand_in_.serve();
  std::uint64_t count = 0;
  bool inside = false;
  std::uint64_t expected = 0;
  for (int loan = 0; loan < 2'000; ++loan) {
    for (int i = 0; i < 5; ++i, ++expected) {
      boost::asio::post(io_, [&] {
        EXPECT_FALSE(std::exchange(inside, true));
        ++count;
        inside = false;
      });
    }
    stand_in_.lend([loan] {
      if (loan % 20 == 0) std::this_thread::sleep_for(5ms);
    });
    io_.poll();
    EXPECT_EQ(count, expected);
  }
}

TEST_F(AStandIn, IsCalledBeforeEachHandler) {
  int calls = 0;
  StandIn stand_in(io_, [&] { ++calls; });
  const auto turn = stand_in.serve();
  auto where = where_a_handler_runs();
  stand_in.lend([&] { where.wait(); });
  EXPECT_GE(calls, 1);
}

// ---- a log
// --------------------------------------------------------------------------------------------------

/// Its appends take as long as they are made to.
class HeldLog final : public EventLog {
 public:
  explicit HeldLog(EventLog& log) : log_(log) {}
  [[nodiscard]] Head head() const override { return log_.head(); }
  [[nodiscard]] UnixMillis created() const override { return log_.created(); }
  AppendResult append(GlobalPosition expected, Commit commit) override {
    during();
    return log_.append(expected, std::move(commit));
  }
  [[nodiscard]] std::unique_ptr<LogCursor> read(GlobalPosition from) const override {
    return log_.read(from);
  }

  std::function<void()> during;

 private:
  EventLog& log_;
};

TEST_F(AStandIn, ServesWhileALogAppends) {
  MemoryLog memory(LedgerId{.bytes = {1}});
  HeldLog held(memory);
  LendingLog log(held, stand_in_);
  auto where = where_a_handler_runs();
  held.during = [&] { EXPECT_EQ(where.wait_for(60s), std::future_status::ready); };
  RecordedEvent event;
  event.position = GlobalPosition(1);
  event.version = StreamVersion(1);
  event.event = ProductRegistered{sku("A"), "", 1};
  Commit commit;
  commit.events.push_back(std::move(event));
  const auto turn = stand_in_.serve();
  const AppendResult result = log.append(GlobalPosition(0), std::move(commit));
  ASSERT_TRUE(std::holds_alternative<Appended>(result));
  EXPECT_EQ(log.head().position, GlobalPosition(1));
  EXPECT_EQ(log.created(), memory.created());
  const auto read = log.read(GlobalPosition(1))->next();
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((*read)->last(), GlobalPosition(1));
}

// ---- between commits
// ----------------------------------------------------------------------------------------

TEST(BetweenCommits, RunsATaskAtOnceWhereNoCommitIsUnderWay) {
  BetweenCommits between;
  bool ran = false;
  between.run([&] { ran = true; });
  EXPECT_TRUE(ran);
}

TEST(BetweenCommits, RunsTasksInTheirOrderOnceTheCommitIsDone) {
  BetweenCommits between;
  std::vector<int> ran;
  between.during([&] {
    EXPECT_TRUE(between.under_way());
    between.run([&] { ran.push_back(1); });
    between.run([&] {
      EXPECT_FALSE(between.under_way());
      ran.push_back(2);
    });
    EXPECT_TRUE(ran.empty());
  });
  EXPECT_EQ(ran, (std::vector{1, 2}));
  between.during([] {});
  EXPECT_EQ(ran.size(), 2U) << "once";
}

}  // namespace
}  // namespace stockfold
