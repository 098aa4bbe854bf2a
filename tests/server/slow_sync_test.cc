// What a server does while a commit waits for the disk. docs/adr/0006 says who serves the sockets then.
#include "support/slow_sync.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "projections/views.h"
#include "server/http/wire.h"
#include "server/running_server.h"
#include "server/world.h"
#include "storage/codec/state_codec.h"
#include "storage/rocksdb/engine.h"

namespace stockfold {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class SlowSyncTest : public testing::Test {
 protected:
  /// A server whose syncs go on, with ten of product A.
  void start(ServerOptions options = {}) {
    server_ = std::make_unique<RunningServer>(std::move(options), *storage_);
    ASSERT_TRUE(accepted(server_->connect()->execute(2, register_product("A", 10))));
  }
  void TearDown() override {
    sync_.release();
    server_.reset();
  }

  /// A connection with an order for one of A, whose commit waits for the disk.
  std::unique_ptr<Wire> order_that_waits() {
    sync_.hold();
    auto wire = server_->connect();
    wire->send(2, place("1", {{sku("A"), 1}}));
    sync_.await_sync();
    return wire;
  }
  [[nodiscard]] std::unique_ptr<HttpWire> http() {
    return std::make_unique<HttpWire>((**server_).http_endpoint().port());
  }
  /// The value of a metric without labels.
  double metric(const std::string& name) {
    const std::string text = "\n" + http()->get("/metrics").body;
    const auto found = text.find("\n" + name + " ");
    EXPECT_NE(found, std::string::npos) << name;
    return found == std::string::npos ? -1 : std::stod(text.substr(found + name.size() + 2));
  }
  void await_queued(double commands) {
    while (metric("stockfold_queue_commands") < commands) std::this_thread::yield();
  }
  Units stock_of_a() {
    auto wire = server_->connect();
    wire->send(2, ShowProduct{.sku = sku("A")});
    return wire->receive_as<ProductReply>(2).product.value().stock();
  }

  SlowSync sync_;
  const std::unique_ptr<const StorageEngine> storage_ = rocksdb_engine_on(sync_);
  std::unique_ptr<RunningServer> server_;
};

TEST_F(SlowSyncTest, ProbesAndMetricsAreAnsweredWhileASyncWaits) {
  start();
  auto waiting = order_that_waits();
  EXPECT_EQ(http()->get("/health/live").status, 200);
  EXPECT_GT(metric("stockfold_sync_under_way_seconds"), 0);
  HttpReply ready;
  do {
    ready = http()->get("/health/ready");
  } while (ready.status == 200);
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(ready.body, HasSubstr("sync under way for 1 s"));
  sync_.release();
  EXPECT_TRUE(accepted(waiting->receive_as<CommandReply>(2).answer));
  EXPECT_EQ(http()->get("/health/ready").status, 200);
  EXPECT_EQ(metric("stockfold_sync_under_way_seconds"), 0);
}

TEST_F(SlowSyncTest, ReadsSeeNothingThatIsNotOnDisk) {
  start();
  auto waiting = order_that_waits();
  EXPECT_EQ(stock_of_a(), 10U);
  auto reader = server_->connect();
  reader->send(2, ShowOrder{.order = order_id("1")});
  EXPECT_FALSE(reader->receive_as<OrderReply>(2).state.has_value());
  reader->send(3, ShowHead{});
  EXPECT_EQ(reader->receive_as<HeadReply>(3).position, GlobalPosition(1));
  sync_.release();
  EXPECT_TRUE(accepted(waiting->receive_as<CommandReply>(2).answer));
  EXPECT_EQ(stock_of_a(), 9U);
}

TEST_F(SlowSyncTest, CommandsThatComeMeanwhileAreTheNextCommit) {
  start();
  auto waiting = order_that_waits();
  std::vector<std::unique_ptr<Wire>> others;
  for (int i = 0; i < 3; ++i) {
    others.push_back(server_->connect());
    others.back()->send(2, place_next({{sku("A"), 1}}));
    others.back()->send(3, place_next({{sku("A"), 1}}));
  }
  await_queued(7);
  EXPECT_EQ(metric("stockfold_commits_total"), 1);
  sync_.release();
  EXPECT_TRUE(accepted(waiting->receive_as<CommandReply>(2).answer));
  for (const auto& other : others) {
    EXPECT_TRUE(accepted(other->receive_as<CommandReply>(2).answer));
    EXPECT_TRUE(accepted(other->receive_as<CommandReply>(3).answer));
  }
  EXPECT_EQ(metric("stockfold_commits_total"), 3);
  EXPECT_EQ(stock_of_a(), 3U);
}

TEST_F(SlowSyncTest, ACommandThatIsRepeatedMeanwhileIsAnsweredFromTheCommit) {
  start();
  sync_.hold();
  auto first = server_->connect();
  first->send(2, with_id(place_next({{sku("A"), 1}}), 7));
  sync_.await_sync();
  auto second = server_->connect();
  second->send(2, with_id(place_next({{sku("A"), 1}}), 7));
  await_queued(2);
  sync_.release();
  EXPECT_FALSE(first->receive_as<CommandReply>(2).answer.replayed);
  const Answer repeated = second->receive_as<CommandReply>(2).answer;
  EXPECT_TRUE(accepted(repeated));
  EXPECT_TRUE(repeated.replayed);
  EXPECT_EQ(stock_of_a(), 9U);
}

TEST_F(SlowSyncTest, AFullQueueRefusesMeanwhile) {
  start({.engine = {.writer = {.queue_limit = 4}}});
  auto waiting = order_that_waits();
  std::vector<std::unique_ptr<Wire>> others;
  for (int i = 0; i < 3; ++i) {
    others.push_back(server_->connect());
    others.back()->send(2, place_next({{sku("A"), 1}}));
  }
  await_queued(4);
  const Answer refused = server_->connect()->execute(2, place_next({{sku("A"), 1}}));
  EXPECT_EQ(error_code_of(refused), ErrorCode::overloaded);
  sync_.release();
  for (const auto& other : others) EXPECT_TRUE(accepted(other->receive_as<CommandReply>(2).answer));
}

TEST_F(SlowSyncTest, SubscriptionsGoOnBehindTheSync) {
  start({.session = {.heartbeat = 20ms}});
  auto follower = server_->connect();
  follower->send(2, FollowEvents{});
  EXPECT_EQ(follower->receive_events(2).events.size(), 1U);
  auto waiting = order_that_waits();
  for (int beat = 0; beat < 3; ++beat) {
    EXPECT_TRUE(follower->receive_as<EventsReply>(2).events.empty()) << "it is not on disk";
  }
  sync_.release();
  EXPECT_EQ(follower->receive_events(2).events.at(0).position, GlobalPosition(2));
}

TEST_F(SlowSyncTest, AShutdownWaitsForTheCommitAndItsAnswers) {
  start({.shutdown = 100ms});
  auto waiting = order_that_waits();
  std::atomic<bool> ended = false;
  std::thread stopping([&] {
    server_->stop();
    ended = true;
  });
  std::this_thread::sleep_for(500ms);  // more than clients have
  EXPECT_FALSE(ended);
  EXPECT_EQ(http()->get("/health/live").status, 200);
  sync_.release();
  EXPECT_TRUE(accepted(waiting->receive_as<CommandReply>(2).answer));
  EXPECT_TRUE(waiting->receive_as<ErrorReply>(0).closing);
  waiting.reset();
  stopping.join();
  server_->start();
  EXPECT_EQ((**server_).position(), GlobalPosition(2));
}

TEST_F(SlowSyncTest, ACommitDuringAShutdownIsAnsweredThoughClientsHadTheirTime) {
  start({.shutdown = 200ms});
  auto waiting = order_that_waits();
  waiting->send(3, place_next({{sku("A"), 1}}));
  await_queued(2);
  std::thread stopping([&] { server_->stop(); });
  sync_.release();
  EXPECT_TRUE(accepted(waiting->receive_as<CommandReply>(2).answer));
  EXPECT_TRUE(accepted(waiting->receive_as<CommandReply>(3).answer));
  waiting.reset();
  stopping.join();
}

TEST_F(SlowSyncTest, AViewIsReplacedBetweenTwoCommits) {
  start();
  server_->stop();
  {
    auto store = storage_->open(server_->data(), {.views = view_names(), .create = false});
    View& stock = (*store)->views().view("stock");
    Product product = Views((*store)->views()).product(sku("A"))->state.value();
    product.received += 5;
    ASSERT_TRUE(stock.write({{"pA", encode(product)}}, stock.checkpoint()));
  }
  server_->start();
  EXPECT_FALSE(accepted(server_->connect()->execute(2, place_next({{sku("A"), 100}}))))
      << "now it is in memory";
  sync_.hold();
  auto waiting = server_->connect();
  waiting->send(2, register_product("B", 1));
  sync_.await_sync();
  auto operator_wire = server_->connect();
  operator_wire->send(2, Rebuild{"stock"});
  std::this_thread::sleep_for(500ms);  // by then the rebuild waits for the commit
  EXPECT_EQ(http()->get("/health/live").status, 200);
  EXPECT_EQ(stock_of_a(), 15U);
  sync_.release();
  EXPECT_TRUE(accepted(waiting->receive_as<CommandReply>(2).answer));
  auto message = operator_wire->receive();
  while (message && std::holds_alternative<RebuildingReply>(message->reply))
    message = operator_wire->receive();
  ASSERT_TRUE(message.has_value());
  ASSERT_TRUE(std::holds_alternative<RebuiltReply>(message->reply));
  EXPECT_EQ(std::get<RebuiltReply>(message->reply).finding, RebuiltReply::Finding::differs);
  EXPECT_EQ(stock_of_a(), 10U);
  EXPECT_TRUE(accepted(waiting->execute(3, place_next({{sku("A"), 10}, {sku("B"), 1}}))));
}

/// Everything at once, while syncs are fast, slow, and slower than the stand-in's moment by turns.
TEST_F(SlowSyncTest, AllThatServesGoesOnBesideSlowSyncs) {
  start();
  ASSERT_TRUE(accepted(server_->connect()->execute(2, receive("A", 1'000'000))));
  std::atomic<bool> done = false;
  std::atomic<Units> placed = 0;
  std::vector<std::thread> threads;
  for (int shop = 0; shop < 3; ++shop) {
    threads.emplace_back([&] {
      auto wire = server_->connect();
      for (std::uint64_t id = 2; !done; id += 8) {
        for (std::uint64_t i = 0; i < 8; ++i) wire->send(id + i, place_next({{sku("A"), 1}}));
        for (std::uint64_t i = 0; i < 8; ++i) {
          if (accepted(wire->receive_as<CommandReply>(id + i).answer)) ++placed;
        }
      }
    });
  }
  threads.emplace_back([&] {
    auto wire = http();
    while (!done) {
      EXPECT_EQ(wire->get("/health/live").status, 200);
      EXPECT_EQ(wire->get("/metrics").status, 200);
      EXPECT_EQ(wire->get("/product/A/").status, 200);
    }
  });
  threads.emplace_back([&] {
    auto wire = server_->connect();
    for (std::uint64_t id = 2; !done; ++id) {
      wire->send(id, Rebuild{"orders"});
      auto message = wire->receive();
      while (message && std::holds_alternative<RebuildingReply>(message->reply)) message = wire->receive();
      ASSERT_TRUE(message && std::holds_alternative<RebuiltReply>(message->reply));
      EXPECT_EQ(std::get<RebuiltReply>(message->reply).finding, RebuiltReply::Finding::same);
    }
  });
  threads.emplace_back([&] {
    GlobalPosition last;
    auto wire = server_->connect();
    wire->send(2, FollowEvents{});
    while (!done) {
      for (const auto& event : wire->receive_events(2).events) {
        EXPECT_EQ(event.position, last.next());
        last = event.position;
      }
    }
  });
  for (int turn = 0; turn < 24; ++turn) {
    sync_.delay(std::chrono::microseconds(turn % 4 * 1'500));
    std::this_thread::sleep_for(100ms);
  }
  done = true;
  server_->connect()->execute(2, receive("A", 1));  // an event for the follower that waits
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(placed, 0U);
  EXPECT_EQ(stock_of_a(), 1'000'011U - placed);
}

}  // namespace
}  // namespace stockfold
