#include "server/server.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "server/running_server.h"
#include "server/world.h"
#include "storage/rocksdb/engine.h"

namespace stockfold {
namespace {

using namespace std::chrono_literals;

// ---- the straight line ------------------------------------------------------------------------------------

TEST(Server, IdentifiesItselfInHello) {
  RunningServer server;
  const ServerHello hello = server.connect_silently()->greet();
  EXPECT_EQ(hello.version, kProtocolVersion);
  EXPECT_EQ(hello.epoch, Epoch(1));
  EXPECT_EQ(hello.position, GlobalPosition(0));
  EXPECT_EQ(hello.max_frame_bytes, kMaxFrameBytes);
  EXPECT_NE(hello.ledger, LedgerId{});
}

TEST(Server, ExecutesCommandsAndShowsTheirResults) {
  RunningServer server;
  auto wire = server.connect();
  ASSERT_TRUE(accepted(wire->execute(2, register_product("A", 3))));
  ASSERT_TRUE(accepted(wire->execute(3, place_next({{sku("A"), 2}}))));

  wire->send(4, ShowProduct{.sku = sku("A")});
  const auto product = wire->receive_as<ProductReply>(4);
  ASSERT_TRUE(product.product.has_value());
  EXPECT_EQ(product.product->stock(), 1U);
  EXPECT_EQ(product.as_of, GlobalPosition(2));

  wire->send(5, ShowOrder{.order = order_id("1")});
  const auto order = wire->receive_as<OrderReply>(5);
  ASSERT_TRUE(order.state.has_value());
  EXPECT_EQ(order.state->status, OrderStatus::in_progress);
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  RunningServer server;
  auto wire = server.connect();
  wire->send(2, register_product("A", 1'000));
  for (std::uint64_t i = 0; i < 600; ++i) {
    if (i % 3 == 2) {
      wire->send(10 + i, ShowProduct{.sku = sku("A")});
    } else {
      wire->send(10 + i, i % 7 == 0 ? abort_order("none") : place_next({{sku("A"), 1}}));
    }
  }
  EXPECT_TRUE(accepted(wire->receive_as<CommandReply>(2).answer));
  Units left = 1'000;
  for (std::uint64_t i = 0; i < 600; ++i) {
    if (i % 3 == 2) {
      EXPECT_EQ(wire->receive_as<ProductReply>(10 + i).product->stock(), left)
          << "a read sees what was sent before it";
    } else {
      const Answer answer = wire->receive_as<CommandReply>(10 + i).answer;
      if (i % 7 == 0) {
        EXPECT_EQ(rule_of(answer), Rule::unknown_order);
      } else {
        EXPECT_EQ(as_accepted(answer).stock.front().stock, --left);
      }
    }
  }
}

TEST(Server, AcceptsOneOfRacingAborts) {
  RunningServer server;
  auto wire = server.connect();
  wire->execute(2, register_product("A", 1));
  for (int round = 0; round < 20; ++round) {
    const Answer placed = wire->execute(3, place_next({{sku("A"), 1}}));
    const std::string order = as_accepted(placed).subject.id;
    std::atomic<int> aborted = 0;
    std::vector<std::thread> racers;
    for (int i = 0; i < 8; ++i) {
      racers.emplace_back([&] {
        if (accepted(server.connect()->execute(2, abort_order(order)))) ++aborted;
      });
    }
    for (std::thread& racer : racers) racer.join();
    EXPECT_EQ(aborted, 1);
  }
  wire->send(4, ShowProduct{.sku = sku("A")});
  EXPECT_EQ(wire->receive_as<ProductReply>(4).product->stock(), 1U);
}

TEST(Server, KeepsEverythingAfterRestart) {
  RunningServer server;
  const Command command = with_id(register_product("A", 3), 9);
  const Answer first = server.connect()->execute(2, command);
  server.stop();
  server.start();

  auto wire = server.connect();
  const Answer again = wire->execute(2, command);
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.outcome, first.outcome);
  wire->send(3, ShowHead{});
  EXPECT_EQ(wire->receive_as<HeadReply>(3).position, GlobalPosition(1));
}

TEST(Server, RefusesSecondServerOnSameDirectory) {
  RunningServer server;
  const auto second = Server::open(rocksdb_engine(), {.data = server.data(), .port = 0, .http_port = 0},
                                   [](GlobalPosition, GlobalPosition) {});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().kind, FaultKind::busy);
}

// ---- reads ------------------------------------------------------------------------------------------------

TEST(Reads, WaitForTheirMinPosition) {
  RunningServer server;
  auto reader = server.connect();
  reader->send(2, ShowProduct{.sku = sku("A"), .freshness = {.min_position = GlobalPosition(1)}});
  server.connect()->execute(2, register_product("A", 3));
  EXPECT_TRUE(reader->receive_as<ProductReply>(2).product.has_value());
}

TEST(Reads, ReportThatPositionWasNotReached) {
  RunningServer server({.session = {.read = 50ms}});
  auto wire = server.connect();
  wire->send(2, ShowProduct{.sku = sku("A"), .freshness = {.min_position = GlobalPosition(1'000)}});
  EXPECT_EQ(wire->receive_as<ErrorReply>(2).code, ErrorCode::overloaded);
  wire->send(
      3, ShowProduct{.sku = sku("A"), .freshness = {.min_position = GlobalPosition(1'000), .stale = true}});
  EXPECT_FALSE(wire->receive_as<ProductReply>(3).product.has_value()) << "a stale read does not wait";
}

TEST(Reads, PageThroughListsLargerThanAFrame) {
  RunningServer server;
  auto wire = server.connect();
  Lines lines;
  for (int i = 0; i < 1'000; ++i) {
    lines.push_back({sku(std::string(40, 'p') + std::to_string(10'000 + i)), 1});
    wire->send(2, Command{.body = RegisterProduct{lines.back().sku, "", 100}});
  }
  for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(accepted(wire->receive_as<CommandReply>(2).answer));
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(accepted(wire->execute(3, place_next(lines))));

  std::optional<OrderId> from;
  std::size_t orders = 0;
  std::size_t pages = 0;
  do {
    wire->send(4, ListOrders{.from = from});
    const auto page = wire->receive_as<OrdersReply>(4);
    orders += page.rows.size();
    from = page.next;
    ++pages;
  } while (from && pages < 100);
  EXPECT_EQ(orders, 40U);
  EXPECT_GT(pages, 1U);

  std::optional<GlobalPosition> next = GlobalPosition(1);
  std::uint64_t expected = 1;
  while (next) {
    wire->send(5, ReadEvents{.from = *next});
    const auto page = wire->receive_as<EventsReply>(5);
    for (const auto& event : page.events) EXPECT_EQ(event.position.value(), expected++);
    next = page.next;
  }
  EXPECT_EQ(expected, 1'041U);

  wire->send(6, ReadEvents{.stream = StreamId::of(order_id("7"))});
  const auto stream = wire->receive_as<EventsReply>(6);
  ASSERT_EQ(stream.events.size(), 1U);
  EXPECT_EQ(stream.events[0].position, GlobalPosition(1'007));
}

// ---- what a server is sent --------------------------------------------------------------------------------

TEST(Requests, CloseConnectionBeforeHello) {
  RunningServer server;
  auto wire = server.connect_silently();
  wire->send(5, ShowHead{});
  EXPECT_TRUE(wire->receive_as<ErrorReply>(5).closing);
  EXPECT_FALSE(wire->receive().has_value());
}

TEST(Requests, AreRefusedInAnotherProtocolVersion) {
  RunningServer server;
  const auto later = kProtocolVersion + 1;
  for (const auto& [min, max] : {std::pair(later, later), {0U, 0U}, {2U, 1U}}) {
    auto wire = server.connect_silently();
    wire->send(1, ClientHello{min, max, ""});
    const auto error = wire->receive_as<ErrorReply>(1);
    EXPECT_EQ(error.detail, "this server speaks the versions 1 to 2 of the protocol");
    EXPECT_TRUE(error.closing);
    EXPECT_FALSE(wire->receive().has_value());
  }
}

TEST(Requests, AreServedInTheGreatestCommonProtocolVersion) {
  RunningServer server;
  EXPECT_EQ(server.connect_silently()->greet(kProtocolVersion + 1).version, kProtocolVersion);
  auto old = server.connect_silently();
  EXPECT_EQ(old->greet(1).version, 1U);
  EXPECT_TRUE(accepted(old->execute(2, register_product("A", 1))));
  old->send(3, ShowProduct{sku("A"), {}});
  EXPECT_EQ(old->receive_as<ProductReply>(3).product->stock(), 1U);
}

TEST(Requests, NameInvalidArgumentAndKeepConnection) {
  RunningServer server;
  auto wire = server.connect();
  const Answer refused = wire->execute(2, Command{.body = ReceiveStock{sku("A"), 0, ""}});
  EXPECT_EQ(error_code_of(refused), ErrorCode::invalid_argument);
  EXPECT_NE(std::get<Failure>(refused.outcome).detail.find("quantity"), std::string::npos);
  EXPECT_TRUE(accepted(wire->execute(3, register_product("A", 1))));
}

TEST(Requests, CloseConnectionWithErrorWhenFrameIsDamaged) {
  RunningServer server;
  std::string frame;
  encode_request({2, ShowHead{}}, frame);
  std::string damaged = frame;
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  const std::string oversized("\xff\xff\xff\xff\0\0\0\0", 8);
  const std::string empty(8, '\0');
  for (const std::string& bytes : {damaged, oversized, empty}) {
    auto wire = server.connect();
    wire->send_bytes(bytes);
    EXPECT_TRUE(wire->receive_as<ErrorReply>(0).closing);
    EXPECT_FALSE(wire->receive().has_value());
  }
}

TEST(Requests, AreIgnoredWhenTruncated) {
  RunningServer server;
  std::string frame;
  encode_request({2, CommandRequest{register_product("A", 1)}}, frame);
  for (std::size_t cut = 0; cut < frame.size(); ++cut) {
    auto wire = server.connect();
    wire->send_bytes(std::string_view(frame).substr(0, cut));
    wire->finish();
    EXPECT_FALSE(wire->receive().has_value());
  }
  EXPECT_EQ((*server).position(), GlobalPosition(0));
}

RC_GTEST_PROP(Requests, NeverHarmServerWithRandomBytes, ()) {
  static RunningServer server;
  const auto bytes = *rc::gen::arbitrary<std::string>();
  const bool framed = *rc::gen::arbitrary<bool>();
  RC_PRE(!framed || !decode_request(bytes));  // two bytes can be a request already
  auto wire = *rc::gen::arbitrary<bool>() ? server.connect() : server.connect_silently();
  std::string frame;
  if (framed && !bytes.empty()) append_frame(bytes, frame);
  wire->send_bytes(framed ? frame : bytes);
  wire->finish();
  while (const auto reply = wire->receive()) RC_ASSERT(std::holds_alternative<ErrorReply>(reply->reply));
  auto honest = server.connect();
  honest->send(2, ShowHead{});
  RC_ASSERT(honest->receive_as<HeadReply>(2).position == GlobalPosition(0));
}

// ---- limits -----------------------------------------------------------------------------------------------

TEST(Limits, AnswerOverloadedWhenQueueIsFull) {
  RunningServer server({.engine = {.writer = {.queue_limit = 0}}});
  auto wire = server.connect();
  EXPECT_EQ(error_code_of(wire->execute(2, register_product("A", 1))), ErrorCode::overloaded);
  wire->send(3, ShowHead{});
  EXPECT_EQ(wire->receive_as<HeadReply>(3).position, GlobalPosition(0));
}

TEST(Limits, RefuseExcessCommandsInOrderAndAllowRetry) {
  RunningServer server({.engine = {.writer = {.queue_limit = 4}}});
  auto wire = server.connect();
  ASSERT_TRUE(accepted(wire->execute(2, register_product("A", 1'000))));
  std::string frames;
  const auto nth = [](std::uint64_t n) { return with_id(receive("A", 1), static_cast<std::uint8_t>(n)); };
  for (std::uint64_t n = 1; n <= 20; ++n) encode_request({n, CommandRequest{nth(n)}}, frames);
  wire->send_bytes(frames);
  std::vector<std::uint64_t> refused;
  for (std::uint64_t n = 1; n <= 20; ++n) {
    const Answer answer = wire->receive_as<CommandReply>(n).answer;
    if (accepted(answer)) continue;
    EXPECT_EQ(error_code_of(answer), ErrorCode::overloaded);
    refused.push_back(n);
  }
  EXPECT_GT(refused.size(), 0U);
  wire->send(99, ShowHead{});
  EXPECT_EQ(wire->receive_as<HeadReply>(99).position, GlobalPosition(1 + 20 - refused.size()));
  for (const std::uint64_t n : refused) {
    const Answer answer = wire->execute(100, nth(n));
    EXPECT_TRUE(accepted(answer));
    EXPECT_FALSE(answer.replayed);
  }
  wire->send(99, ShowHead{});
  EXPECT_EQ(wire->receive_as<HeadReply>(99).position, GlobalPosition(21));
}

TEST(Limits, ReportFullQueueBeforeMalformedCommand) {
  RunningServer full({.engine = {.writer = {.queue_limit = 0}}});
  RunningServer empty;
  const auto code_of_malformed = [](RunningServer& server) {
    auto wire = server.connect();
    Command malformed{.body = RegisterProduct{*Sku::parse("A"), std::string(kMaxNameBytes + 1, 'x'), 1}};
    return error_code_of(wire->execute(2, std::move(malformed)));
  };
  EXPECT_EQ(code_of_malformed(full), ErrorCode::overloaded);
  EXPECT_EQ(code_of_malformed(empty), ErrorCode::invalid_argument);
}

TEST(Limits, RefuseConnectionsBeyondMaximum) {
  RunningServer server({.max_connections = 1});
  auto first = server.connect();
  auto second = server.connect_silently();
  second->send(1, ClientHello{.client = "test"});
  const auto error = second->receive_as<ErrorReply>(0);
  EXPECT_EQ(error.code, ErrorCode::overloaded);
  EXPECT_TRUE(error.closing);
  EXPECT_FALSE(second->receive().has_value());
  EXPECT_TRUE(accepted(first->execute(2, register_product("A", 1))));
}

TEST(Limits, CloseSilentConnectionsBeyondMaximum) {
  RunningServer server({.max_connections = 1});
  auto first = server.connect();
  std::vector<std::unique_ptr<Wire>> further;
  for (int i = 0; i < 200; ++i) further.push_back(server.connect_silently());
  for (const auto& wire : further) wire->receive();  // until it is closed
  EXPECT_TRUE(accepted(first->execute(2, register_product("A", 1))));
}

TEST(Limits, CloseConnectionWithoutHello) {
  RunningServer server({.session = {.hello = 100ms}});
  auto wire = server.connect_silently();
  EXPECT_FALSE(wire->receive().has_value());
}

TEST(Limits, CloseConnectionWithUnfinishedFrame) {
  RunningServer server({.session = {.frame = 100ms}});
  auto wire = server.connect();
  wire->send_bytes("\x10");
  EXPECT_FALSE(wire->receive().has_value());
}

TEST(Limits, CloseConnectionThatSendsFrameSlowly) {
  RunningServer server({.session = {.frame = 100ms}});
  auto wire = server.connect();
  wire->send_bytes(std::string("\0\0\x10\0", 4));  // a frame of a mebibyte begins
  wire->socket().non_blocking(true);
  bool closed = false;
  for (int byte = 0; byte < 300 && !closed; ++byte) {
    std::this_thread::sleep_for(10ms);  // the trickle: no pause is as long as the deadline
    wire->send_bytes("x");
    char reply = 0;
    boost::system::error_code error;
    (void)wire->socket().read_some(boost::asio::buffer(&reply, 1), error);
    closed = error != boost::asio::error::would_block;
  }
  EXPECT_TRUE(closed);
}

TEST(Limits, CloseIdleConnection) {
  RunningServer server({.session = {.idle = 100ms}});
  auto wire = server.connect();
  EXPECT_TRUE(accepted(wire->execute(2, register_product("A", 1))));
  EXPECT_FALSE(wire->receive().has_value());
}

TEST(Limits, CloseOnlyConnectionThatReadsNoReplies) {
  RunningServer server({.session = {.write = 200ms}});
  auto wire = server.connect();
  Lines lines;
  for (int i = 0; i < 1'000; ++i)
    lines.push_back({sku(std::string(40, 'p') + std::to_string(10'000 + i)), 1});
  for (const Line& line : lines)
    ASSERT_TRUE(accepted(wire->execute(2, Command{.body = RegisterProduct{line.sku, "", 9}})));
  ASSERT_TRUE(accepted(wire->execute(3, place("big", lines))));

  auto deaf = server.connect();
  for (int i = 0; i < 500; ++i) deaf->send(2, ShowOrder{.order = order_id("big")});  // replies of some 25 MB
  EXPECT_TRUE(accepted(wire->execute(4, register_product("A", 1))));
  std::this_thread::sleep_for(1'500ms);  // past the deadline and the sweep after it
  std::size_t replies = 0;
  while (deaf->receive()) ++replies;
  EXPECT_LT(replies, 500U);
}

TEST(Limits, BoundMemoryOfAllConnections) {
  constexpr std::size_t kPayload = 100'000;
  RunningServer server({.session = {.memory = 1U << 20}});
  std::string frame;
  append_frame(std::string(kPayload, 'x'), frame);
  std::vector<std::unique_ptr<Wire>> hoarders;
  for (int i = 0; i < 40; ++i) {
    hoarders.push_back(server.connect());
    hoarders.back()->send_bytes(std::string_view(frame).substr(0, kPayload));  // all but the last bytes
  }
  EXPECT_TRUE(accepted(server.connect()->execute(2, register_product("A", 1))));
  std::size_t served = 0;
  for (const auto& wire : hoarders) {
    wire->send_bytes(std::string_view(frame).substr(kPayload));
    served += wire->receive().has_value() ? 1U : 0U;  // it is told that this was no request
  }
  EXPECT_GT(served, 0U);
  EXPECT_LT(served, 40U);
}

}  // namespace
}  // namespace stockfold
