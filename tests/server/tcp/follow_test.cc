// Subscriptions: what they send, and what ends them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <variant>

#include "server/http/wire.h"
#include "server/running_server.h"
#include "server/world.h"
#include "support/certificates.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(Follow, CatchesUpThenDeliversLiveEvents) {
  RunningServer server;
  auto wire = server.connect();
  wire->execute(2, register_product("A", 10));
  wire->execute(3, register_product("B", 10));

  auto follower = server.connect();
  follower->send(2, FollowEvents{.stream = StreamId::of(sku("A"))});
  EXPECT_EQ(follower->receive_events(2).events.at(0).position, GlobalPosition(1));
  wire->execute(4, place_next({{sku("B"), 1}}));
  wire->execute(5, place_next({{sku("A"), 1}}));
  EXPECT_EQ(follower->receive_events(2).events.at(0).position, GlobalPosition(4));
}

TEST(Follow, DeliversOnlyRequestedEventTypes) {
  RunningServer server;
  auto wire = server.connect();
  wire->execute(2, register_product("A", 10));
  wire->execute(3, place("1", {{sku("A"), 1}}));

  auto follower = server.connect();
  follower->send(2, FollowTypes{{}, {EventType::order_aborted, EventType::order_placed}});
  EXPECT_EQ(follower->receive_events(2).events.at(0).position, GlobalPosition(2));
  wire->execute(4, receive("A", 1));
  wire->execute(5, abort_order("1"));
  EXPECT_EQ(follower->receive_events(2).events.at(0).position, GlobalPosition(4));
}

TEST(Follow, SendsEmptyReplyAtOnce) {
  RunningServer server;
  server.connect()->execute(2, register_product("A", 10));
  auto follower = server.connect();
  follower->send(2, FollowEvents{});
  const auto first = follower->receive_as<EventsReply>(2);
  EXPECT_TRUE(first.events.empty());
  EXPECT_EQ(first.next, GlobalPosition(1));
  EXPECT_EQ(first.head, GlobalPosition(1));
}

TEST(Follow, ReportsPositionReadWhenNothingMatches) {
  RunningServer server({.session = {.heartbeat = 20ms}});
  auto wire = server.connect();
  wire->execute(2, register_product("A", 10));
  auto follower = server.connect();
  follower->send(2, FollowEvents{.stream = StreamId::of(sku("B"))});
  EventsReply reply;
  for (std::uint64_t next = 2; next < 10; ++next) {
    while (reply.next < GlobalPosition(next)) {
      reply = follower->receive_as<EventsReply>(2);
      ASSERT_TRUE(reply.events.empty());
      ASSERT_TRUE(reply.next);
    }
    wire->execute(next, receive("A", 1));
  }
}

TEST(Follow, IsRefusedBeyondTheEndOfTheLog) {
  RunningServer server;
  auto wire = server.connect();
  wire->execute(2, register_product("A", 10));
  wire->send(3, FollowEvents{.from = GlobalPosition(999'999)});
  const ErrorReply refused = wire->receive_as<ErrorReply>(3);
  EXPECT_EQ(refused.code, ErrorCode::invalid_argument);
  EXPECT_FALSE(refused.closing);
  EXPECT_THAT(refused.detail, HasSubstr("position 999999 is beyond the end of the log, 1:"));
  wire->send(4, FollowTypes{{.from = GlobalPosition(3)}, {EventType::order_placed}});
  EXPECT_EQ(wire->receive_as<ErrorReply>(4).code, ErrorCode::invalid_argument);
  wire->send(5, FollowEvents{.from = GlobalPosition(2)});
  server.connect()->execute(2, receive("A", 1));
  EXPECT_EQ(wire->receive_events(5).events.at(0).position, GlobalPosition(2));
}

TEST(Follow, ClosesWhenARequestFollowsInSameWrite) {
  RunningServer server;
  for (const Request& request : {Request(FollowEvents{}), Request(FollowTypes{{}, {EventType::order_placed}}),
                                 Request(MakeCheckpoint{})}) {
    std::string frames;
    encode_request({2, request}, frames);
    encode_request({3, CommandRequest{register_product("A", 1)}}, frames);
    auto wire = server.connect();
    wire->send_bytes(frames);
    auto reply = wire->receive();
    while (reply && !std::holds_alternative<ErrorReply>(reply->reply)) reply = wire->receive();
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->id, 2U);
    EXPECT_TRUE(std::get<ErrorReply>(reply->reply).closing);
    EXPECT_FALSE(wire->receive().has_value());
  }
  EXPECT_EQ((*server).position(), GlobalPosition(0)) << "what came behind was not done";
}

TEST(Follow, ClosesWhenClientBeginsAnotherRequest) {
  RunningServer server;
  auto wire = server.connect();
  wire->send(2, FollowEvents{});
  wire->receive_as<EventsReply>(2);
  wire->send_bytes("\x10");
  EXPECT_TRUE(wire->receive_as<ErrorReply>(2).closing);
  EXPECT_FALSE(wire->receive().has_value());
}

// ---- over TLS ---------------------------------------------------------------------------------------------

class SecuredFollow : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<Wire> connect() {
    const auto trusting = TlsContext::of_client(
        {.ca = authority_.certificate(), .certificate = {}, .key = {}, .name = {}}, kTcpProtocol);
    EXPECT_TRUE(trusting.has_value()) << trusting.error();
    auto wire = server_.connect_silently();
    EXPECT_TRUE(wire->secure((*trusting)->connect("127.0.0.1")));
    wire->greet();
    return wire;
  }
  [[nodiscard]] bool counts(std::string_view series) {
    const auto trusting = TlsContext::of_client(
        {.ca = authority_.certificate(), .certificate = {}, .key = {}, .name = {}}, kHttpProtocol);
    HttpWire web((*server_).http_endpoint().port());
    EXPECT_TRUE(web.secure((*trusting)->connect("127.0.0.1")));
    return web.get("/metrics").body.find(series) != std::string::npos;
  }

  TemporaryDirectory directory_;
  const Authority authority_{directory_.path(), "authority"};
  const CertificateFiles files_ = authority_.issue("server", {"IP:127.0.0.1"});
  RunningServer server_{{.tls = TlsServerOptions{.certificate = files_.certificate,
                                                 .key = files_.key,
                                                 .passphrase = {},
                                                 .client_ca = {},
                                                 .client_crl = {}}}};
};

TEST_F(SecuredFollow, EndsWithoutAnErrorWhenItsClientCloses) {
  for (const Request& request : {Request(FollowEvents{}), Request(MakeCheckpoint{})}) {
    const auto wire = connect();
    wire->send(2, request);
    EXPECT_EQ(wire->receive()->id, 2U);
    wire->finish();
    EXPECT_FALSE(wire->receive().has_value());
  }
  EXPECT_TRUE(counts("stockfold_errors_total{error=\"invalid_argument\"} 0\n"));
}

TEST_F(SecuredFollow, EndsWhenARequestComesBehindIt) {
  const auto wire = connect();
  wire->send(2, FollowEvents{});
  wire->receive_as<EventsReply>(2);
  wire->send(3, ShowProduct{.sku = sku("A")});
  EXPECT_TRUE(wire->receive_as<ErrorReply>(2).closing);
  EXPECT_FALSE(wire->receive().has_value());
  EXPECT_TRUE(counts("stockfold_errors_total{error=\"invalid_argument\"} 1\n"));
}

// ---- how long it lasts ------------------------------------------------------------------------------------

TEST(Follow, EndsWhenServerStops) {
  RunningServer server;
  auto follower = server.connect();
  follower->send(2, FollowEvents{});
  server.connect()->execute(2, register_product("A", 10));
  EXPECT_EQ(follower->receive_events(2).events.size(), 1U);
  server.stop();
  EXPECT_TRUE(follower->receive_as<ErrorReply>(0).closing);
  EXPECT_FALSE(follower->receive().has_value());
}

TEST(Follow, StaysOpenWhenIdle) {
  RunningServer server({.session = {.frame = 100ms, .idle = 100ms}});
  auto follower = server.connect();
  follower->send(2, FollowEvents{});
  std::this_thread::sleep_for(1'200ms);  // past every deadline and two sweeps
  server.connect()->execute(2, register_product("A", 1));
  EXPECT_EQ(follower->receive_events(2).events.size(), 1U);
}

}  // namespace
}  // namespace stockfold
