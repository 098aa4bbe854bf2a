// Copies of the store that the running server makes.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include "server/running_server.h"
#include "server/world.h"
#include "storage/engine/store.h"
#include "storage/rocksdb/engine.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;

CheckpointReply checkpoint(Wire& wire) {
  wire.send(9, MakeCheckpoint{});
  return wire.receive_as<CheckpointReply>(9);
}

void wait_until_gone(const fs::path& path) {
  for (int i = 0; i < 2'000 && fs::exists(path); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_FALSE(fs::exists(path)) << path;
}

TEST(OnlineCheckpoint, HoldsAcknowledgedCommitsUntilConnectionCloses) {
  RunningServer server;
  auto writing = server.connect();
  ASSERT_TRUE(accepted(writing->execute(2, register_product("A", 3))));
  writing->send(7, ListProducts{});
  writing->receive_as<ProductsReply>(7);  // which waits for the views
  auto holding = server.connect();
  const CheckpointReply held = checkpoint(*holding);
  EXPECT_EQ(held.position, GlobalPosition(1));
  EXPECT_TRUE(accepted(writing->execute(3, place_next({{sku("A"), 1}})))) << "the ledger goes on";
  {
    const auto copy = rocksdb_engine().open_read_only(held.directory);
    ASSERT_TRUE(copy) << copy.error().what;
    EXPECT_EQ((*copy)->log().head().position, GlobalPosition(1));
    EXPECT_EQ((*copy)->view("stock").value()->checkpoint().position, GlobalPosition(1));
  }
  holding.reset();
  wait_until_gone(held.directory);
}

TEST(OnlineCheckpoint, IsHeldByOneConnectionAtATime) {
  RunningServer server;
  auto first = server.connect();
  const CheckpointReply held = checkpoint(*first);
  auto second = server.connect();
  second->send(9, MakeCheckpoint{});
  EXPECT_EQ(second->receive_as<ErrorReply>(9).code, ErrorCode::overloaded);
  first.reset();
  wait_until_gone(held.directory);
  for (;;) {  // the files are removed first
    second->send(10, MakeCheckpoint{});
    const auto reply = second->receive();
    ASSERT_TRUE(reply);
    if (const auto* made = std::get_if<CheckpointReply>(&reply->reply)) {
      EXPECT_TRUE(fs::exists(made->directory));
      break;
    }
  }
}

TEST(OnlineCheckpoint, IsRefusedWhenARequestFollowsInSameWrite) {
  RunningServer server;
  auto hasty = server.connect();
  std::string frames;
  encode_request({9, MakeCheckpoint{}}, frames);
  encode_request({10, ShowHead{}}, frames);
  hasty->send_bytes(frames);
  EXPECT_TRUE(hasty->receive_as<ErrorReply>(9).closing);
  EXPECT_FALSE(hasty->receive().has_value());
  auto next = server.connect();
  EXPECT_TRUE(fs::exists(checkpoint(*next).directory)) << "its place was free";
}

TEST(OnlineCheckpoint, IsRemovedWhenServerStops) {
  RunningServer server;
  auto wire = server.connect();
  const CheckpointReply held = checkpoint(*wire);
  server.stop();
  EXPECT_FALSE(fs::exists(held.directory));
}

TEST(OnlineCheckpoint, IsRemovedAtNextStartAfterKill) {
  RunningServer server;
  server.stop();
  const fs::path left = server.data() / "checkpoints" / "stockfold-left";
  fs::create_directories(left);
  server.start();
  EXPECT_FALSE(fs::exists(left));
}

}  // namespace
}  // namespace stockfold
