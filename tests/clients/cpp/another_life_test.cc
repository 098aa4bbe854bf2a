// What a client does when its ledger comes back in another epoch.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stockfold/client.h>

#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "clients/cpp/fake_ledger.h"

namespace stockfold {
namespace {

using testing::HasSubstr;

const Sku kCup = Sku::parse("cup").value();

Command one_more() { return {ReceiveStock{kCup, 1, ""}, ExpectedVersion::any(), std::nullopt, ""}; }

/// Answers commands until the client disconnects, and answers nothing else.
void accept_all(Peer& peer) {
  for (;;) {
    const auto id = peer.read_as<CommandRequest>().first;
    Accepted accepted{StreamId::of(kCup), std::nullopt, StreamVersion(1), GlobalPosition(1), {}, {}};
    peer.reply(id, CommandReply{{std::move(accepted), false}});
  }
}

std::unique_ptr<Client> client_of(const FakeLedger& ledger) {
  ClientOptions options;
  options.port = ledger.port();
  return connected(options);
}

template <class T>
bool is_lost(const ClientResult<T>& result) {
  return !result && result.error().kind == ClientErrorKind::lost;
}

TEST(ClientOfRestoredLedger, ResendsOnlyItsCommands) {
  std::promise<std::vector<RequestMessage>> before;
  std::promise<void> go;
  FakeLedger ledger({[&](Peer& peer) {
                       peer.greet(server_hello(1, 1));
                       std::vector<RequestMessage> read;
                       while (read.size() < 2) read.push_back(peer.read());
                       before.set_value(std::move(read));
                       go.get_future().wait();
                     },
                     [](Peer& peer) {
                       peer.greet(server_hello(1, 2));
                       accept_all(peer);
                     }});
  const auto client = client_of(ledger);
  auto command = client->submit(one_more());
  std::thread read([&] {
    const auto product = client->product(kCup, {.min_position = GlobalPosition(7)});
    EXPECT_TRUE(is_lost(product));
    EXPECT_THAT(product.error().what, HasSubstr("restored meanwhile, and is in epoch 2 instead of 1"));
  });
  EXPECT_EQ(before.get_future().get().size(), 2U);
  go.set_value();
  EXPECT_TRUE(command.get().has_value()) << "it has one outcome, whatever the epoch";
  read.join();
}

TEST(ClientOfOneLife, RefusesToConnectToAnotherLife) {
  const auto greet_and_wait = [](Peer& peer) {
    peer.greet(server_hello(1, 2));
    peer.until_closed();
  };
  FakeLedger ledger({greet_and_wait, greet_and_wait});
  ClientOptions options{.port = ledger.port(), .life = "01010101.1"};
  const auto refused = Client::connect(options);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ClientErrorKind::another_life);
  EXPECT_THAT(refused.error().what,
              HasSubstr("the request is for ledger life 01010101.1, but the ledger is at life 01010101.2"));
  options.life = "01010101.2";
  EXPECT_TRUE(Client::connect(options).has_value());
}

TEST(ClientOfOneLife, ResendsNoCommandToAnotherLife) {
  FakeLedger ledger({[](Peer& peer) {
                       peer.greet(server_hello(1, 1));
                       peer.read_as<CommandRequest>();
                     },
                     [](Peer& peer) {
                       peer.greet(server_hello(1, 2));
                       peer.until_closed();
                     }});
  const auto client = connected({.port = ledger.port(), .life = "01010101.1"});
  const auto answer = client->execute(one_more());
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().kind, ClientErrorKind::another_life);
}

TEST(ClientOfRestoredLedger, FailsEveryReadFromEarlierLife) {
  FakeLedger ledger({[](Peer& peer) {
                       peer.greet(server_hello(1, 1));
                       const auto [id, list] = peer.read_as<ListProducts>();
                       peer.reply(id, ProductsReply{{}, kCup, GlobalPosition(7)});
                     },
                     [](Peer& peer) {
                       peer.greet(server_hello(1, 2));
                       accept_all(peer);
                     }});
  const auto client = client_of(ledger);
  ListProducts page;
  page.from = client->products(page).value().next;
  EXPECT_TRUE(client->execute(one_more()).has_value());
  EXPECT_EQ(client->server().epoch, Epoch(2));
  EXPECT_TRUE(is_lost(client->products(page)));
  EXPECT_TRUE(is_lost(client->at(GlobalPosition(7), page)));
  EXPECT_TRUE(is_lost(client->events({})));
  const auto followed = client->follow({}, [](const RecordedEvent&) { return true; });
  EXPECT_TRUE(is_lost(followed));
  EXPECT_TRUE(client->execute(one_more()).has_value());
}

}  // namespace
}  // namespace stockfold
