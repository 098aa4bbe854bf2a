// Views that are rebuilt while the server serves.
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <string>
#include <thread>
#include <variant>

#include "projections/all.h"
#include "projections/following/catch_up.h"
#include "projections/following/follower.h"
#include "projections/history.h"
#include "projections/views.h"
#include "server/engine/online_rebuild.h"
#include "server/running_server.h"
#include "server/world.h"
#include "storage/codec/state_codec.h"
#include "storage/engine/store.h"
#include "storage/rocksdb/engine.h"
#include "support/memory_views.h"

namespace stockfold {
namespace {

/// The last reply to a rebuild, after those that report progress.
Reply outcome_of_rebuild(Wire& wire, std::uint64_t id) {
  for (;;) {
    auto message = wire.receive();
    if (!message) {
      ADD_FAILURE() << "the connection was closed";
      return ErrorReply{};
    }
    EXPECT_EQ(message->id, id);
    if (!std::holds_alternative<RebuildingReply>(message->reply)) return std::move(message->reply);
  }
}

RebuiltReply rebuild(Wire& wire, std::uint64_t id, const std::string& view) {
  wire.send(id, Rebuild{view});
  Reply reply = outcome_of_rebuild(wire, id);
  auto* rebuilt = std::get_if<RebuiltReply>(&reply);
  EXPECT_NE(rebuilt, nullptr) << "a reply of kind " << reply.index();
  return rebuilt == nullptr ? RebuiltReply{} : *rebuilt;
}

Product product_in(Wire& wire, std::uint64_t id) {
  wire.send(id, ShowProduct{.sku = sku("A")});
  return wire.receive_as<ProductReply>(id).product.value();
}

TEST(OnlineRebuild, ReportsCorrectViewsAsSame) {
  RunningServer server;
  auto wire = server.connect();
  ASSERT_TRUE(accepted(wire->execute(2, register_product("A", 3))));
  for (const std::string& view : view_names()) {
    const RebuiltReply rebuilt = rebuild(*wire, 3, view);
    EXPECT_EQ(rebuilt.view, view);
    EXPECT_EQ(rebuilt.finding, RebuiltReply::Finding::same);
    EXPECT_EQ(rebuilt.position, GlobalPosition(1));
    EXPECT_EQ(rebuilt.live, rebuilt.digest);
  }
  EXPECT_TRUE(accepted(wire->execute(4, place_next({{sku("A"), 3}}))));
}

TEST(OnlineRebuild, DiscardsCachedStateOfViewThatDiffered) {
  RunningServer server;
  ASSERT_TRUE(accepted(server.connect()->execute(2, register_product("A", 3))));
  server.stop();
  {
    auto store = rocksdb_engine().open(server.data(), {.views = view_names(), .create = false});
    View& stock = (*store)->views().view("stock");
    Product product = Views((*store)->views()).product(sku("A"))->state.value();
    product.received += 5;
    ASSERT_TRUE(stock.write({{"pA", encode(product)}}, stock.checkpoint()));
  }
  server.start();

  auto wire = server.connect();
  EXPECT_FALSE(accepted(wire->execute(2, place_next({{sku("A"), 100}}))));  // now it is in memory
  EXPECT_EQ(product_in(*wire, 3).stock(), 8U);
  const RebuiltReply rebuilt = rebuild(*wire, 4, "stock");
  EXPECT_EQ(rebuilt.finding, RebuiltReply::Finding::differs);
  ASSERT_TRUE(rebuilt.difference.has_value());
  EXPECT_EQ(rebuilt.difference->key, "pA");
  EXPECT_EQ(product_in(*wire, 5).stock(), 3U);
  EXPECT_FALSE(accepted(wire->execute(6, place_next({{sku("A"), 4}}))));
  EXPECT_TRUE(accepted(wire->execute(7, place_next({{sku("A"), 3}}))));
  EXPECT_EQ(rebuild(*wire, 8, "stock").finding, RebuiltReply::Finding::same);
}

TEST(OnlineRebuild, RefusesNoCommandWhileRunning) {
  RunningServer server;
  auto wire = server.connect();
  ASSERT_TRUE(accepted(wire->execute(2, register_product("A", 1'000'000))));
  std::atomic<bool> done = false;
  std::atomic<int> placed = 0;
  std::thread shop([&] {
    auto other = server.connect();
    for (std::uint64_t id = 2; !done; ++id) {
      if (!accepted(other->execute(id, place_next({{sku("A"), 1}})))) ADD_FAILURE() << "refused";
      ++placed;
    }
  });
  while (placed < 100) std::this_thread::yield();
  for (const std::string& view : view_names())
    EXPECT_EQ(rebuild(*wire, 3, view).finding, RebuiltReply::Finding::same) << view;
  done = true;
  shop.join();
  EXPECT_EQ(product_in(*wire, 4).in_progress, static_cast<Units>(placed));
}

TEST(OnlineRebuild, RefusesUnknownView) {
  RunningServer server;
  auto wire = server.connect();
  wire->send(2, Rebuild{"nothing"});
  const auto error = wire->receive_as<ErrorReply>(2);
  EXPECT_EQ(error.code, ErrorCode::invalid_argument);
  EXPECT_FALSE(error.closing);
}

TEST(OnlineRebuild, RefusesConcurrentRebuildAsOverloaded) {
  RunningServer server;
  auto wire = server.connect();
  ASSERT_TRUE(accepted(wire->execute(2, register_product("A", 3))));
  int refused = 0;
  for (int round = 0; round < 100 && refused == 0; ++round) {
    auto first = server.connect();
    auto second = server.connect();
    first->send(2, Rebuild{"stock"});
    second->send(2, Rebuild{"orders"});
    for (Wire* each : {first.get(), second.get()}) {
      const Reply reply = outcome_of_rebuild(*each, 2);
      const auto* error = std::get_if<ErrorReply>(&reply);
      if (error == nullptr) continue;
      EXPECT_EQ(error->code, ErrorCode::overloaded);
      ++refused;
    }
  }
  EXPECT_GT(refused, 0);
  EXPECT_EQ(rebuild(*wire, 3, "stock").finding, RebuiltReply::Finding::same);
}

TEST(OnlineRebuild, LeavesCorrectViewsWhenServerStops) {
  RunningServer server;
  auto wire = server.connect();
  ASSERT_TRUE(accepted(wire->execute(2, register_product("A", 3))));
  for (int round = 0; round < 5; ++round) {
    wire->send(3, Rebuild{"orders"});
    server.stop();
    server.start();
    wire = server.connect();
    EXPECT_EQ(rebuild(*wire, 2, "orders").finding, RebuiltReply::Finding::same);
  }
}

TEST(OnlineRebuild, WaitsWhilePausedThenContinues) {
  History history;
  history.happens(RegisterProduct{sku("A"), "Apple", 3});
  MemoryViewStore views(view_names());
  Follower follower(CatchUp::start(history.log(), views, all_projections()).value(), views, {}, {});
  follower.start();
  boost::asio::io_context network;
  BetweenCommits between_commits;
  OnlineRebuild rebuild(network.get_executor(), history.log(), views, follower, between_commits,
                        [] { return Result<void>(); });
  rebuild.pause(true);
  int waited = 0;
  const auto progress = [&](GlobalPosition, GlobalPosition) {
    if (++waited == 2) rebuild.pause(false);
  };
  auto rebuilt = boost::asio::co_spawn(network, rebuild.run(*all_projections().front(), progress),
                                       boost::asio::use_future);
  network.run();
  const auto outcome = rebuilt.get();
  EXPECT_GE(waited, 2) << "seconds; a rebuild of one event takes none";
  ASSERT_TRUE(outcome && *outcome);
  EXPECT_EQ((*outcome)->finding, RebuildFinding::same);
  follower.stop();
}

}  // namespace
}  // namespace stockfold
