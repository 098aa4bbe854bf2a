#include "server/engine/disk_reserve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "server/http/wire.h"
#include "server/running_server.h"
#include "server/world.h"

namespace stockfold {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t kMegabyte = 1U << 20;
constexpr std::uint64_t kGigabyte = 1U << 30;

/// A reserve on a disk whose free space the test sets.
class ReservedSpace : public testing::Test {
 protected:
  bool holds_back(DiskReserve& reserve, std::uint64_t free_bytes) {
    space_->free_bytes = free_bytes;
    reserve.look();
    EXPECT_EQ(reserve.failure().has_value(), !reserve.obstacle().empty());
    return !reserve.obstacle().empty();
  }
  DiskReserve reserve_of(std::optional<std::uint64_t> bytes) {
    return {bytes, [this] { return space_; }};
  }

  std::optional<DiskSpace> space_{{.free_bytes = 0, .all_bytes = 1'000 * kGigabyte}};
};

TEST_F(ReservedSpace, StopsCommandsWhileDiskHasLessFree) {
  DiskReserve reserve = reserve_of(80 * kMegabyte);
  EXPECT_FALSE(holds_back(reserve, 80 * kMegabyte));
  EXPECT_TRUE(holds_back(reserve, 80 * kMegabyte - 1));
  EXPECT_TRUE(holds_back(reserve, 85 * kMegabyte)) << "too little more to go on";
  EXPECT_FALSE(holds_back(reserve, 90 * kMegabyte));
  EXPECT_FALSE(holds_back(reserve, 80 * kMegabyte));
}

TEST_F(ReservedSpace, ReportsFreeAndReservedBytes) {
  DiskReserve reserve = reserve_of(80 * kMegabyte);
  EXPECT_TRUE(holds_back(reserve, 12 * kMegabyte));
  EXPECT_EQ(reserve.failure()->code, ErrorCode::out_of_space);
  EXPECT_EQ(
      message_of(*reserve.failure()),
      "the disk has 12 MB left, and 80 MB are kept in reserve: this attempt did nothing, try again once "
      "there is room");
}

TEST_F(ReservedSpace, DefaultsToTwentiethOfDiskWithinBounds) {
  DiskReserve reserve = reserve_of(std::nullopt);
  EXPECT_TRUE(holds_back(reserve, kGigabyte - 1));
  const auto of = [&](std::uint64_t all_bytes) {
    space_->all_bytes = all_bytes;
    reserve.look();
    return reserve.bytes();
  };
  EXPECT_EQ(of(1'000 * kGigabyte), kGigabyte);
  EXPECT_EQ(of(20 * kGigabyte), kGigabyte);
  EXPECT_EQ(of(15 * kGigabyte), 768 * kMegabyte);
  EXPECT_EQ(of(10 * kGigabyte), 512 * kMegabyte);
  EXPECT_EQ(of(2 * kGigabyte), 512 * kMegabyte);
  EXPECT_EQ(of(kGigabyte), 256 * kMegabyte);
  EXPECT_EQ(of(200 * kMegabyte), 50 * kMegabyte);
}

TEST_F(ReservedSpace, StopsNothingWhenZero) {
  DiskReserve reserve = reserve_of(0);
  EXPECT_FALSE(holds_back(reserve, 0));
}

TEST_F(ReservedSpace, StaysUnchangedWhenFreeSpaceIsUnknown) {
  DiskReserve reserve = reserve_of(80 * kMegabyte);
  EXPECT_TRUE(holds_back(reserve, 0));
  space_.reset();
  reserve.look();
  EXPECT_TRUE(reserve.failure().has_value());
}

TEST(DiskSpace, IsReadFromFileSystem) {
  const auto space = look_at("/")();
  ASSERT_TRUE(space.has_value());
  EXPECT_GT(space->all_bytes, space->free_bytes);
  EXPECT_FALSE(look_at("/no such directory")().has_value());
}

/// A server on such a disk.
class FullDisk : public testing::Test {
 protected:
  ServerOptions options() const {
    ServerOptions options;
    options.engine.disk_reserve = 80 * kMegabyte;
    options.engine.disk_space = [free = free_]() -> std::optional<DiskSpace> {
      return DiskSpace{.free_bytes = *free, .all_bytes = kGigabyte};
    };
    return options;
  }
  /// Sends commands until one is answered as `wanted` says.
  template <class Wanted>
  Answer receive_until(Wire& wire, Wanted wanted) {
    for (;;) {
      Answer answer = wire.execute(++id_, receive("A", 1));
      if (wanted(answer)) return answer;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  HttpReply get(RunningServer& server, const std::string& target) {
    return HttpWire((*server).http_endpoint().port()).get(target);
  }

  static constexpr std::string_view kKey = "Idempotency-Key: 6f1f2a34-0000-4000-8000-000000000001\r\n";
  std::shared_ptr<std::atomic<std::uint64_t>> free_ = std::make_shared<std::atomic<std::uint64_t>>(kGigabyte);
  std::uint64_t id_ = 10;
};

TEST_F(FullDisk, ReturnsEarlierOutcomesForRepeatedCommands) {
  RunningServer server(options());
  auto wire = server.connect();
  const Answer registered = wire->execute(2, with_id(register_product("A", 3), 7));
  HttpWire http((*server).http_endpoint().port());
  const HttpReply placed = http.ask("POST", "/order/", "product=A", kKey);
  ASSERT_EQ(placed.status, 201);
  *free_ = 1;
  EXPECT_EQ(error_code_of(receive_until(*wire, [](const Answer& answer) { return !accepted(answer); })),
            ErrorCode::out_of_space);

  const Answer again = wire->execute(3, with_id(register_product("A", 3), 7));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.outcome, registered.outcome);
  const HttpReply replayed = http.ask("POST", "/order/", "product=A", kKey);
  EXPECT_EQ(replayed.status, 201);
  EXPECT_EQ(replayed.header("idempotency-replayed"), "true");
  EXPECT_EQ(replayed.header("location"), placed.header("location"));

  EXPECT_EQ(error_code_of(wire->execute(4, with_id(receive("A", 1), 8))), ErrorCode::out_of_space);
  const HttpReply refused = http.ask("POST", "/order/", "product=A", "Idempotency-Key: another\r\n");
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.body, HasSubstr("this attempt did nothing, try again once there is room"));
}

TEST_F(FullDisk, RefusesCommandsServesReadsAndRecovers) {
  RunningServer server(options());
  auto wire = server.connect();
  ASSERT_TRUE(accepted(wire->execute(2, register_product("A", 3))));
  EXPECT_EQ(get(server, "/health/ready").status, 200);

  *free_ = kMegabyte;
  const Answer refused = receive_until(*wire, [](const Answer& answer) { return !accepted(answer); });
  EXPECT_EQ(std::get<Failure>(refused.outcome).code, ErrorCode::out_of_space);
  const HttpReply ready = get(server, "/health/ready");
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(ready.body, HasSubstr("the disk has 1 MB left, and 80 MB are kept in reserve"));
  EXPECT_EQ(get(server, "/health/live").status, 200);
  EXPECT_EQ(get(server, "/product/A/").status, 200);
  const std::string metrics = get(server, "/metrics").body;
  EXPECT_THAT(metrics, HasSubstr("\nstockfold_disk_reserve_bytes 83886080\n"));
  EXPECT_THAT(metrics,
              HasSubstr("\nstockfold_commands_total{command=\"ReceiveStock\",outcome=\"out_of_space\"} "));

  *free_ = kGigabyte;
  receive_until(*wire, [](const Answer& answer) { return accepted(answer); });
  EXPECT_EQ(get(server, "/health/ready").status, 200);
}

TEST_F(FullDisk, RefusesRebuildCheckpointAndCommands) {
  *free_ = kMegabyte;
  RunningServer server(options());
  auto wire = server.connect();
  wire->send(2, Rebuild{.view = "stock"});
  EXPECT_EQ(wire->receive_as<ErrorReply>(2).code, ErrorCode::out_of_space);
  wire->send(3, MakeCheckpoint{});
  EXPECT_EQ(wire->receive_as<ErrorReply>(3).code, ErrorCode::out_of_space);
  EXPECT_FALSE(accepted(wire->execute(4, register_product("A", 3)))) << "from the start on";
}

}  // namespace
}  // namespace stockfold
