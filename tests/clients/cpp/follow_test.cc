#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stockfold/client.h>

#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "clients/cpp/fake_ledger.h"

namespace stockfold {
namespace {

using testing::ElementsAre;

/// The client's own connection, which following does not use.
void stand_by(Peer& peer) {
  peer.greet();
  peer.until_closed();
}

EventsReply events(std::uint64_t first, std::uint64_t last) {
  EventsReply reply;
  for (std::uint64_t position = first; position <= last; ++position) {
    RecordedEvent event;
    event.position = GlobalPosition(position);
    event.version = StreamVersion(1);
    event.event = ProductRegistered{Sku::parse("mug").value(), "", 1};
    reply.events.push_back(event);
  }
  return reply;
}

std::unique_ptr<Client> follower_of(const FakeLedger& ledger, ClientOptions options = {}) {
  options.port = ledger.port();
  options.reconnects = 2;
  return connected(options);
}

/// Follows from position 1 until `last` was received; appends what it received to `seen`.
ClientResult<void> follow_to(std::uint64_t last, Client& client, std::vector<std::uint64_t>& seen) {
  return client.follow({}, [&](const RecordedEvent& event) {
    seen.push_back(event.position.value());
    return event.position.value() < last;
  });
}

TEST(ClientFollow, DeliversEventsUntilCallbackStops) {
  FakeLedger ledger({stand_by, [](Peer& peer) {
                       peer.greet();
                       const auto id = peer.read_as<FollowEvents>().first;
                       peer.reply(id, events(1, 2));
                       peer.reply(id, events(3, 9));
                       peer.until_closed();
                     }});
  const auto client = follower_of(ledger);
  std::vector<std::uint64_t> seen;
  EXPECT_TRUE(follow_to(4, *client, seen).has_value());
  EXPECT_THAT(seen, ElementsAre(1, 2, 3, 4));
}

TEST(ClientFollow, ResumesAfterLastEventWhenConnectionIsLost) {
  std::promise<FollowEvents> again;
  FakeLedger ledger({stand_by,
                     [](Peer& peer) {
                       peer.greet();
                       peer.reply(peer.read().id, events(1, 2));
                     },
                     [&](Peer& peer) {
                       peer.greet();
                       const auto [id, request] = peer.read_as<FollowEvents>();
                       again.set_value(request);
                       peer.reply(id, events(3, 3));
                       peer.until_closed();
                     }});
  const auto client = follower_of(ledger);
  std::vector<std::uint64_t> seen;
  EXPECT_TRUE(follow_to(3, *client, seen).has_value());
  EXPECT_THAT(seen, ElementsAre(1, 2, 3));
  EXPECT_EQ(again.get_future().get().from, GlobalPosition(3));
}

/// A heartbeat: the log was read up to `next`.
EventsReply nothing_before(std::uint64_t next) { return {{}, GlobalPosition(next), GlobalPosition(next)}; }

TEST(ClientFollow, ResumesFromLastReportedPosition) {
  std::promise<FollowEvents> again;
  FakeLedger ledger({stand_by,
                     [](Peer& peer) {
                       peer.greet();
                       const auto id = peer.read().id;
                       peer.reply(id, events(1, 2));
                       peer.reply(id, nothing_before(1'000));
                     },
                     [&](Peer& peer) {
                       peer.greet();
                       const auto [id, request] = peer.read_as<FollowEvents>();
                       again.set_value(request);
                       peer.reply(id, events(1'000, 1'000));
                       peer.until_closed();
                     }});
  const auto client = follower_of(ledger);
  std::vector<std::uint64_t> seen;
  EXPECT_TRUE(follow_to(1'000, *client, seen).has_value());
  EXPECT_THAT(seen, ElementsAre(1, 2, 1'000));
  EXPECT_EQ(again.get_future().get().from, GlobalPosition(1'000));
}

TEST(ClientFollow, ReconnectsWhenHeartbeatsStop) {
  FakeLedger ledger({stand_by,
                     [](Peer& peer) {
                       peer.greet();
                       peer.reply(peer.read().id, nothing_before(1));
                       peer.until_closed();
                     },
                     [](Peer& peer) {
                       peer.greet();
                       peer.reply(peer.read().id, events(1, 1));
                       peer.until_closed();
                     }});
  const auto client = follower_of(ledger, {.silence = std::chrono::milliseconds(100)});
  std::vector<std::uint64_t> seen;
  EXPECT_TRUE(follow_to(1, *client, seen).has_value());
}

TEST(ClientFollow, WaitsForLedgerThatSendsNoHeartbeats) {
  FakeLedger ledger({stand_by, [](Peer& peer) {
                       peer.greet();
                       const auto id = peer.read().id;
                       peer.reply(id, events(1, 1));
                       std::this_thread::sleep_for(std::chrono::milliseconds(300));
                       peer.reply(id, events(2, 2));
                       peer.until_closed();
                     }});
  const auto client = follower_of(ledger, {.silence = std::chrono::milliseconds(50)});
  std::vector<std::uint64_t> seen;
  EXPECT_TRUE(follow_to(2, *client, seen).has_value());
}

TEST(ClientFollow, FailsWhenReconnectFails) {
  FakeLedger ledger({stand_by, [](Peer& peer) {
                       peer.greet();
                       peer.reply(peer.read().id, events(1, 2));
                     }});
  const auto client = follower_of(ledger);
  std::vector<std::uint64_t> seen;
  const auto ended = follow_to(3, *client, seen);
  ASSERT_FALSE(ended.has_value());
  EXPECT_THAT(seen, ElementsAre(1, 2));
}

TEST(ClientFollow, StopsWhenLedgerIsInAnotherLife) {
  FakeLedger ledger({stand_by,
                     [](Peer& peer) {
                       peer.greet();
                       peer.reply(peer.read().id, events(1, 2));
                     },
                     [](Peer& peer) {
                       peer.greet(server_hello(1, 2));
                       peer.until_closed();
                     }});
  const auto client = follower_of(ledger);
  std::vector<std::uint64_t> seen;
  const auto ended = follow_to(3, *client, seen);
  ASSERT_FALSE(ended.has_value());
  EXPECT_EQ(ended.error().kind, ClientErrorKind::protocol);
}

TEST(ClientFollow, FailsRatherThanDeliverAnEventTwice) {
  FakeLedger ledger({stand_by, [](Peer& peer) {
                       peer.greet();
                       const auto id = peer.read().id;
                       peer.reply(id, events(1, 2));
                       peer.reply(id, events(2, 3));
                       peer.until_closed();
                     }});
  const auto client = follower_of(ledger);
  std::vector<std::uint64_t> seen;
  const auto ended = follow_to(3, *client, seen);
  ASSERT_FALSE(ended.has_value());
  EXPECT_EQ(ended.error().kind, ClientErrorKind::protocol);
  EXPECT_THAT(seen, ElementsAre(1, 2));
}

TEST(ClientFollow, FailsWithTheReasonTheLedgerGives) {
  FakeLedger ledger({stand_by, [](Peer& peer) {
                       peer.greet();
                       peer.reply(peer.read().id, ErrorReply{ErrorCode::invalid_argument, "no", true});
                     }});
  const auto client = follower_of(ledger);
  std::vector<std::uint64_t> seen;
  const auto ended = follow_to(1, *client, seen);
  ASSERT_FALSE(ended.has_value());
  EXPECT_EQ(ended.error().kind, ClientErrorKind::rejected);
  EXPECT_EQ(ended.error().code, ErrorCode::invalid_argument);
}

TEST(ClientFollow, PropagatesExceptionOfCallback) {
  FakeLedger ledger({stand_by, [](Peer& peer) {
                       peer.greet();
                       peer.reply(peer.read().id, events(1, 1));
                       peer.until_closed();
                     }});
  const auto client = follower_of(ledger);
  const auto each = [](const RecordedEvent&) -> bool { throw std::runtime_error("enough"); };
  EXPECT_THROW((void)client->follow({}, each), std::runtime_error);
}

}  // namespace
}  // namespace stockfold
