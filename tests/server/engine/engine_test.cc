// The engine that the server, the simulation, the histories and the fuzzers share.
#include "server/engine/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "core/outcome.h"
#include "projections/views.h"
#include "server/ledger/admit.h"
#include "server/world.h"
#include "support/failing_log.h"
#include "support/memory_engine.h"
#include "support/memory_views.h"

namespace stockfold {
namespace {

namespace asio = boost::asio;
using testing::SizeIs;

class Listening final : public CommandSource {
 public:
  void answered(std::span<const Answer> given) override {
    answers.insert(answers.end(), given.begin(), given.end());
  }
  void flush() override {}

  std::vector<Answer> answers;
};

class EngineTest : public testing::Test {
 protected:
  void given_engine(const EngineOptions& options = memory_engine_options([] { return UnixMillis(1'000); })) {
    engine_.reset();
    auto engine = make_memory_engine(network_.get_executor(), log_, views_, options,
                                     [this](const Fault& fault) { faults_.push_back(fault); });
    ASSERT_TRUE(engine.has_value()) << engine.error().what;
    engine_ = std::move(*engine);
  }

  Answer execute(Command command) {
    EXPECT_FALSE(admit(command)) << "malformed";
    EXPECT_TRUE(engine_->writer().submit(std::move(command), *client_, Writer::Turn::first));
    engine_->commit();
    return client_->answers.back();
  }

  /// Begins to read the list of products; reply_ is set once that is done.
  void list_products() {
    asio::co_spawn(
        network_,
        [this]() -> asio::awaitable<void> { reply_ = co_await engine_->queries().answer(ListProducts{}); },
        [](const std::exception_ptr& thrown) {
          if (thrown) std::rethrow_exception(thrown);
        });
  }
  void run_network() {
    network_.restart();
    network_.run_for(std::chrono::milliseconds(20));
  }
  void run_network_until_replied() {
    for (int i = 0; i < 500 && !reply_; ++i) run_network();
    ASSERT_TRUE(reply_.has_value());
  }

  asio::io_context network_;
  FailingLog log_{LedgerId{.bytes = {1}}};
  MemoryViewStore views_{view_names()};
  std::vector<Fault> faults_;
  std::shared_ptr<Listening> client_ = std::make_shared<Listening>();
  std::unique_ptr<Engine> engine_;
  std::optional<Reply> reply_;
};

TEST_F(EngineTest, LeavesTheViewsToItsCallerUntilStarted) {
  given_engine();
  EXPECT_TRUE(accepted(execute(register_product("A", 5))));
  EXPECT_EQ(engine_->head(), GlobalPosition(1));
  EXPECT_EQ(engine_->applied(), GlobalPosition(0));
  EXPECT_EQ(engine_->follower().step(1'000).value(), 1U);
  EXPECT_EQ(engine_->applied(), GlobalPosition(1));
  EXPECT_EQ(engine_->follower().step(1'000).value(), 0U);
}

TEST_F(EngineTest, BringsItsViewsToTheHeadWhenItIsMade) {
  given_engine();
  execute(register_product("A", 5));
  given_engine();
  EXPECT_EQ(engine_->applied(), GlobalPosition(1));
  EXPECT_EQ(rule_of(execute(register_product("A", 5))), Rule::product_exists);
}

TEST_F(EngineTest, FollowsItsLogOnceItIsStarted) {
  given_engine();
  engine_->start();
  execute(register_product("A", 5));
  list_products();
  run_network_until_replied();
  EXPECT_THAT(std::get<ProductsReply>(*reply_).rows, SizeIs(1));
  engine_->stop();
  EXPECT_EQ(engine_->applied(), GlobalPosition(1));
}

TEST_F(EngineTest, LetsAReadWaitForTheViews) {
  given_engine();
  execute(register_product("A", 5));
  list_products();
  run_network();
  EXPECT_FALSE(reply_.has_value());
  ASSERT_TRUE(engine_->follower().step(1'000).has_value());
  run_network_until_replied();
  EXPECT_THAT(std::get<ProductsReply>(*reply_).rows, SizeIs(1));
}

TEST_F(EngineTest, EndsWaitsThatBeganAndThoseThatBeginLater) {
  given_engine();
  execute(register_product("A", 5));
  list_products();
  run_network();
  engine_->end_waits();
  run_network_until_replied();
  EXPECT_TRUE(std::holds_alternative<ErrorReply>(*std::exchange(reply_, std::nullopt)));
  list_products();
  run_network_until_replied();
  EXPECT_TRUE(std::holds_alternative<ErrorReply>(*reply_));
}

TEST_F(EngineTest, ReportsThatItsLogFailed) {
  given_engine();
  log_.fail_next_sync();
  EXPECT_EQ(error_code_of(execute(register_product("A", 5))), ErrorCode::outcome_unknown);
  EXPECT_THAT(faults_, SizeIs(1));
}

TEST_F(EngineTest, RefusesCommandsWhenTheLastLookFoundAFullDisk) {
  std::uint64_t free_bytes = 0;
  EngineOptions options = memory_engine_options([] { return UnixMillis(1'000); });
  options.disk_reserve = 100;
  options.disk_space = [&] { return DiskSpace{.free_bytes = free_bytes, .all_bytes = 1'000}; };
  given_engine(options);
  EXPECT_EQ(error_code_of(execute(register_product("A", 5))), ErrorCode::out_of_space);
  EXPECT_NE(engine_->readiness().no_room, "");
  free_bytes = 1'000;
  engine_->look();
  EXPECT_TRUE(accepted(execute(register_product("A", 5))));
  EXPECT_EQ(engine_->readiness().no_room, "");
}

TEST_F(EngineTest, RefusesCommandsWhileTheClockHasJumped) {
  UnixMillis wall(1'000);
  EngineOptions options = memory_engine_options([] { return UnixMillis(1'000); });
  options.clock.max_jump = std::chrono::seconds(1);
  options.clocks =
      Clocks{.wall = [&] { return wall; }, .running = [] { return std::chrono::milliseconds(0); }};
  given_engine(options);
  EXPECT_TRUE(accepted(execute(register_product("A", 5))));
  wall = UnixMillis(10'000);
  EXPECT_EQ(error_code_of(execute(register_product("B", 5))), ErrorCode::clock_jumped);
  EXPECT_NE(engine_->readiness().wrong_clock, "");
}

}  // namespace
}  // namespace stockfold
