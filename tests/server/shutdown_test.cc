// What clients receive when the ledger shuts down, and how long it waits for them.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <thread>
#include <variant>

#include "server/running_server.h"
#include "server/world.h"

namespace stockfold {
namespace {

using namespace std::chrono_literals;

TEST(Shutdown, AnswersEverythingItHasRead) {
  RunningServer server;
  auto wire = server.connect();
  wire->execute(2, register_product("A", 1'000));
  for (std::uint64_t i = 0; i < 200; ++i) wire->send(10 + i, place_next({{sku("A"), 1}}));
  std::optional<ReplyMessage> last = wire->receive();
  std::thread stopping([&] { server.stop(); });
  std::uint64_t answered = 0;
  std::optional<ErrorReply> end;
  for (; last; last = wire->receive()) {
    EXPECT_FALSE(end.has_value()) << "it is the last that is said";
    if (const auto* error = std::get_if<ErrorReply>(&last->reply)) {
      EXPECT_EQ(last->id, 0U);
      end = *error;
    } else {
      ++answered;
    }
  }
  wire.reset();
  stopping.join();
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->code, ErrorCode::overloaded);
  EXPECT_TRUE(end->closing);
  server.start();
  EXPECT_EQ((*server).position(), GlobalPosition(1 + answered)) << "done and answered are the same";
}

TEST(Shutdown, NotifiesIdleConnections) {
  RunningServer server({.shutdown = std::chrono::hours(1)});
  auto idle = server.connect();
  auto silent = server.connect_silently();
  auto holding = server.connect();
  holding->send(2, MakeCheckpoint{});
  holding->receive_as<CheckpointReply>(2);
  server.stop();
  for (const auto& wire : {idle.get(), silent.get(), holding.get()}) {
    EXPECT_TRUE(wire->receive_as<ErrorReply>(0).closing);
    EXPECT_FALSE(wire->receive().has_value());
  }
}

TEST(Shutdown, WaitsForReadersOnlyUpToItsLimit) {
  RunningServer server({.shutdown = 200ms});
  auto deaf = server.connect();
  deaf->execute(2, register_product("A", 1'000));
  for (std::uint64_t i = 0; i < 200; ++i) deaf->send(10 + i, place_next({{sku("A"), 1}}));
  deaf->receive();
  server.stop();  // which returns
  while (deaf->receive()) {
  }
}

}  // namespace
}  // namespace stockfold
