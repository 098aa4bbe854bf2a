// Views that are built while the server serves, and those that it waits for.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>

#include "projections/all.h"
#include "projections/views.h"
#include "server/http/wire.h"
#include "server/running_server.h"
#include "server/world.h"
#include "storage/engine/store.h"
#include "storage/rocksdb/engine.h"

namespace stockfold {
namespace {

constexpr std::uint64_t kCommits = 12;
constexpr std::uint64_t kEventsACommit = 5'000;

/// A server that waits only for views that gate commands, on a store with many events.
class LateViewsServer : public testing::Test {
 protected:
  static ServerOptions options() {
    ServerOptions options;
    options.engine.catch_up_first = 0;
    return options;
  }

  void SetUp() override {
    ASSERT_TRUE(accepted(server_.connect()->execute(2, register_product("A", 1))));
    server_.stop();
    auto store = open();
    for (std::uint64_t i = 0; i < kCommits; ++i) append_receipts((*store)->log());
  }

  [[nodiscard]] Result<std::unique_ptr<Store>> open() const {
    return rocksdb_engine().open(server_.data(), {.views = view_names(), .create = false});
  }

  static void append_receipts(EventLog& log) {
    Commit commit;
    const Head head = log.head();
    commit.time = head.time;
    for (std::uint64_t i = 1; i <= kEventsACommit; ++i) {
      const std::uint64_t number = head.position.value() + i;
      commit.events.push_back({.position = GlobalPosition(number),
                               .time = head.time,
                               .version = StreamVersion(number),
                               .identity = {},
                               .actor = "",
                               .event = StockReceived{sku("A"), 1, number, ""}});
    }
    ASSERT_TRUE(std::holds_alternative<Appended>(log.append(head.position, std::move(commit))));
  }

  /// As if an older program had written it: its rows are of another version.
  void given_outdated(std::string_view name) const {
    auto store = open();
    View& view = (*store)->views().view(name);
    ViewCheckpoint checkpoint = view.checkpoint();
    checkpoint.version = 1'000;
    checkpoint.ledger = (*store)->log().head().ledger;
    checkpoint.epoch = (*store)->log().head().epoch;
    ASSERT_TRUE(view.write({{"left over", "from then"}}, checkpoint));
    ASSERT_TRUE((*store)->views().flush());
  }

  /// Waits until the view is ready.
  MovementsReply movements(Wire& wire) {
    for (std::uint64_t id = 100;; ++id) {
      wire.send(id, ReadMovements{.sku = sku("A")});
      auto message = wire.receive();
      if (!message) {
        ADD_FAILURE() << "the connection was closed";
        return {};
      }
      if (auto* reply = std::get_if<MovementsReply>(&message->reply)) return std::move(*reply);
      EXPECT_EQ(std::get<ErrorReply>(message->reply).code, ErrorCode::view_not_ready);
      std::this_thread::yield();
    }
  }

  RunningServer server_{options()};
};

TEST_F(LateViewsServer, RefusesReadsOfViewsThatAreNotComplete) {
  int refused = 0;
  for (int round = 0; round < 50 && refused < 4; ++round) {  // a view may be ready before the request
    given_outdated("movements");
    given_outdated("streams");
    server_.start();
    auto wire = server_.connect();
    wire->send(2, ReadMovements{.sku = sku("A")});
    wire->send(3, ReadEvents{.stream = StreamId::of(sku("A")), .limit = 1});
    wire->send(4, At{GlobalPosition(5), ShowProduct{.sku = sku("A")}});
    wire->send(5, Rebuild{"streams"});
    wire->send(6, receive("A", 1));
    wire->send(7, ShowProduct{.sku = sku("A")});
    refused = 0;
    for (std::uint64_t id = 2; id <= 5;) {
      const auto message = wire->receive();
      ASSERT_TRUE(message);
      if (std::holds_alternative<RebuildingReply>(message->reply)) continue;
      if (const auto* error = std::get_if<ErrorReply>(&message->reply)) {
        EXPECT_EQ(error->code, ErrorCode::view_not_ready);
        EXPECT_TRUE(error->detail.starts_with(id == 2 ? "the view movements is being rebuilt, "
                                                      : "the view streams is being rebuilt, "))
            << error->detail;
        EXPECT_TRUE(error->detail.ends_with(" % done: try again")) << error->detail;
        EXPECT_FALSE(error->closing);
        ++refused;
      }
      EXPECT_EQ(message->id, id++);
    }
    EXPECT_TRUE(accepted(wire->receive_as<CommandReply>(6).answer));
    const Units received = wire->receive_as<ProductReply>(7).product.value().received;

    const MovementsReply reply = movements(*wire);
    ASSERT_EQ(reply.rows.size(), 1U);
    EXPECT_EQ(reply.rows[0].sums.received, received);
    EXPECT_EQ(reply.rows[0].sums.events, received);
    wire->send(8, Rebuild{"streams"});
    auto last = wire->receive();
    while (last && std::holds_alternative<RebuildingReply>(last->reply)) last = wire->receive();
    ASSERT_TRUE(last);
    EXPECT_EQ(std::get<RebuiltReply>(last->reply).finding, RebuiltReply::Finding::same);
    server_.stop();
  }
  EXPECT_EQ(refused, 4);
}

TEST_F(LateViewsServer, RefusesMovementsInZoneUntilQuartersAreComplete) {
  bool refused = false;
  for (int round = 0; round < 50 && !refused; ++round) {
    given_outdated("quarters");
    server_.start();
    auto wire = server_.connect();
    wire->send(2, ReadZoneMovements{.sku = sku("A"), .zone = "UTC"});
    const auto message = wire->receive();
    ASSERT_TRUE(message);
    if (const auto* error = std::get_if<ErrorReply>(&message->reply)) {
      EXPECT_EQ(error->code, ErrorCode::view_not_ready);
      EXPECT_TRUE(error->detail.starts_with("the view quarters is being rebuilt, ")) << error->detail;
      refused = true;
    }
    server_.stop();
  }
  EXPECT_TRUE(refused);
}

TEST_F(LateViewsServer, IsReadyAndListsLateViews) {
  std::string answer;
  for (int round = 0; round < 50 && !answer.contains("late_views"); ++round) {  // it may be built by then
    given_outdated("movements");
    server_.start();
    const HttpReply reply = HttpWire((*server_).http_endpoint().port()).get("/health/ready");
    EXPECT_EQ(reply.status, 200);
    answer = reply.body;
    server_.stop();
  }
  EXPECT_TRUE(answer.contains(R"("position":60001,"view_lag":0,"late_views":[{"view":")")) << answer;
  EXPECT_TRUE(answer.contains(R"({"view":"movements","position":)")) << answer;
}

TEST_F(LateViewsServer, BuildsViewsThatGateCommandsBeforeReady) {
  for (const std::string_view view : {"stock", "orders", "receipts"}) given_outdated(view);
  server_.start();
  auto wire = server_.connect();
  wire->send(2, ShowProduct{.sku = sku("A")});
  EXPECT_EQ(wire->receive_as<ProductReply>(2).product.value().received, kCommits * kEventsACommit + 1);
  EXPECT_TRUE(accepted(wire->execute(3, place_next({{sku("A"), 60'001}}))));
}

TEST_F(LateViewsServer, LosesNothingWhenStoppedWhileBuilding) {
  given_outdated("movements");
  for (int round = 0; round < 5; ++round) {
    server_.start();
    server_.stop();
  }
  server_.start();
  EXPECT_EQ(movements(*server_.connect()).rows.at(0).sums.received, kCommits * kEventsACommit + 1);
}

TEST(Server, BuildsSmallViewsBeforeServing) {
  RunningServer server;
  ASSERT_TRUE(accepted(server.connect()->execute(2, register_product("A", 3))));
  server.stop();
  std::filesystem::remove_all(server.data() / "views");
  server.start();
  auto wire = server.connect();
  wire->send(2, ReadMovements{.sku = sku("A")});
  EXPECT_EQ(wire->receive_as<MovementsReply>(2).rows.at(0).sums.received, 3U);
}

}  // namespace
}  // namespace stockfold
