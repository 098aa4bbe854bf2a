// Errors, lost connections and other ledgers: what the client makes of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stockfold/client.h>

#include <algorithm>
#include <future>
#include <memory>
#include <ranges>
#include <thread>
#include <vector>

#include "clients/cpp/calls.h"
#include "clients/cpp/fake_ledger.h"

namespace stockfold {
namespace {

using testing::HasSubstr;

TEST(ClientFailures, ErrorReplyFailsOnlyItsRequest) {
  FakeLedger ledger({[](Peer& peer) {
    peer.greet();
    peer.reply(peer.read().id, ErrorReply{ErrorCode::overloaded, "the views lag", false});
    answer_all(peer);
  }});
  const auto client = connected(ledger);
  const auto head = client->head();
  EXPECT_EQ(kind_of(head), ClientErrorKind::rejected);
  EXPECT_EQ(head.error().code, ErrorCode::overloaded);
  EXPECT_EQ(head.error().what, "the views lag");
  EXPECT_EQ(position_in(client->execute(receive(1))), 1U);
}

TEST(ClientFailures, LateReplyIsIgnored) {
  FakeLedger ledger({[](Peer& peer) {
    peer.greet();
    const auto late = peer.read_as<CommandRequest>();
    const auto prompt = peer.read_as<CommandRequest>();
    peer.reply(prompt.first, answer_to(prompt.second));
    const auto last = peer.read_as<CommandRequest>();  // sent after the first had timed out
    peer.reply(late.first, answer_to(late.second));
    peer.reply(last.first, answer_to(last.second));
    peer.until_closed();
  }});
  auto options = options_for(ledger);
  options.request_timeout = 1s;
  const auto client = connected(options);
  auto late = client->submit(receive(1));
  auto prompt = client->submit(receive(2));
  EXPECT_EQ(position_in(prompt.get()), 2U);
  EXPECT_EQ(kind_of(late.get()), ClientErrorKind::timed_out);
  EXPECT_EQ(position_in(client->execute(receive(3))), 3U);
}

TEST(ClientFailures, SilentConnectionIsReplaced) {
  FakeLedger ledger({[](Peer& peer) {
                       peer.greet();
                       peer.until_closed();
                     },
                     [](Peer& peer) {
                       peer.greet();
                       answer_all(peer);
                     }});
  auto options = options_for(ledger);
  options.request_timeout = 1s;
  const auto client = connected(options);
  EXPECT_EQ(kind_of(client->execute(receive(1))), ClientErrorKind::timed_out);
  EXPECT_EQ(position_in(client->execute(receive(2))), 2U);
}

TEST(ClientFailures, ReconnectsAndResendsEverythingInOrder) {
  std::promise<std::vector<RequestMessage>> before;
  std::promise<std::vector<RequestMessage>> after;
  const auto read_three = [](Peer& peer) {
    peer.greet();
    std::vector<RequestMessage> messages;
    while (messages.size() < 3) messages.push_back(peer.read());
    return messages;
  };
  FakeLedger ledger({[&](Peer& peer) { before.set_value(read_three(peer)); },
                     [&](Peer& peer) {
                       const auto messages = read_three(peer);
                       for (const auto& [id, request] : messages) {
                         peer.reply(id, answer_to(std::get<CommandRequest>(request)));
                       }
                       after.set_value(messages);
                       peer.until_closed();
                     }});
  const auto client = connected(ledger);
  std::vector<std::future<ClientResult<Answer>>> answers;
  for (Quantity i = 1; i <= 3; ++i) answers.push_back(client->submit(receive(i)));
  for (Quantity i = 1; i <= 3; ++i) EXPECT_EQ(position_in(answers[i - 1].get()), i);
  const auto sent_again = after.get_future().get();
  EXPECT_EQ(sent_again, before.get_future().get());
  EXPECT_TRUE(std::ranges::all_of(sent_again, [](const RequestMessage& message) {
    return std::get<CommandRequest>(message.request).command.identity.has_value();
  }));
}

TEST(ClientFailures, ResendsInTheVersionOfTheNewConnection) {
  FakeLedger ledger({[](Peer& peer) {
                       peer.greet();
                       peer.read();
                     },
                     [](Peer& peer) {
                       auto hello = server_hello();
                       hello.version = 1;
                       peer.greet(hello);
                       answer_all(peer);
                     }});
  EXPECT_EQ(position_in(connected(ledger)->execute(receive(7))), 7U);
}

TEST(ClientFailures, ResendsNoAnsweredCommand) {
  std::promise<Quantity> sent_again;
  FakeLedger ledger({[](Peer& peer) {
                       peer.greet();
                       const auto first = peer.read_as<CommandRequest>();
                       peer.read();
                       peer.reply(first.first, answer_to(first.second));
                     },
                     [&](Peer& peer) {
                       peer.greet();
                       const auto [id, request] = peer.read_as<CommandRequest>();
                       sent_again.set_value(quantity_of(request));
                       peer.reply(id, answer_to(request));
                       peer.until_closed();
                     }});
  const auto client = connected(ledger);
  auto first = client->submit(receive(1));
  auto second = client->submit(receive(2));
  EXPECT_EQ(position_in(first.get()), 1U);
  EXPECT_EQ(position_in(second.get()), 2U);
  EXPECT_EQ(sent_again.get_future().get(), 2U);
}

TEST(ClientFailures, ReconnectsForNextCallAfterIdleClose) {
  FakeLedger ledger({[](Peer& peer) { peer.greet(); },
                     [](Peer& peer) {
                       peer.greet();
                       answer_all(peer);
                     }});
  EXPECT_EQ(position_in(connected(ledger)->execute(receive(1))), 1U);
}

TEST(ClientFailures, CallIsLostWhenReconnectFails) {
  FakeLedger ledger({[](Peer& peer) {
    peer.greet();
    peer.read();
  }});
  auto options = options_for(ledger);
  options.reconnects = 2;
  const auto answer = connected(options)->execute(receive(1));
  EXPECT_EQ(kind_of(answer), ClientErrorKind::lost);
  EXPECT_THAT(answer.error().what, HasSubstr("could not be made again"));
}

TEST(ClientFailures, ResendsNothingToAnotherLedger) {
  std::promise<bool> silent;
  FakeLedger ledger({[](Peer& peer) {
                       peer.greet(server_hello(1));
                       peer.read();
                     },
                     [&](Peer& peer) {
                       peer.greet(server_hello(2));
                       try {
                         peer.read();
                         silent.set_value(false);
                       } catch (const std::exception&) {
                         silent.set_value(true);
                       }
                     }});
  const auto answer = connected(ledger)->execute(receive(1));
  EXPECT_EQ(kind_of(answer), ClientErrorKind::lost);
  EXPECT_THAT(answer.error().what, HasSubstr("another ledger answers there"));
  EXPECT_TRUE(silent.get_future().get());
}

TEST(ClientFailures, UnreadableReplyIsProtocolError) {
  std::string bad_checksum;
  encode_reply({1, CommandReply{}}, bad_checksum);
  bad_checksum.back() ^= 1;
  std::string no_message;
  append_frame("nonsense", no_message);
  std::string unasked;
  encode_reply({99, HeadReply{}}, unasked);
  for (const std::string& nonsense :
       {std::string(64, 'x'), std::string(8, '\0'), bad_checksum, no_message, unasked}) {
    FakeLedger ledger({[&](Peer& peer) {
      peer.greet();
      peer.read();
      peer.send_bytes(nonsense);
      peer.until_closed();
    }});
    EXPECT_EQ(kind_of(connected(ledger)->execute(receive(1))), ClientErrorKind::protocol);
  }
}

TEST(ClientFailures, ReplyOfWrongTypeIsProtocolError) {
  FakeLedger ledger({[](Peer& peer) {
    peer.greet();
    peer.reply(peer.read().id, HeadReply{});
    peer.until_closed();
  }});
  EXPECT_EQ(kind_of(connected(ledger)->execute(receive(1))), ClientErrorKind::protocol);
}

TEST(ClientFailures, ClosingFailsOutstandingCallsAtOnce) {
  std::promise<void> read;
  FakeLedger ledger({[&](Peer& peer) {
    peer.greet();
    peer.read();
    read.set_value();
    peer.until_closed();
  }});
  auto client = connected(ledger);
  auto answer = client->submit(receive(1));
  read.get_future().wait();
  client.reset();
  ASSERT_EQ(answer.wait_for(0s), std::future_status::ready);
  EXPECT_EQ(kind_of(answer.get()), ClientErrorKind::lost);
}

TEST(ClientFailures, ClosingDoesNotWaitForReconnect) {
  std::promise<void> gone;
  FakeLedger ledger({[&](Peer& peer) {
    peer.greet();
    peer.read();
    gone.set_value();
  }});
  auto options = options_for(ledger);
  options.reconnects = 1'000'000;
  auto client = connected(options);
  auto answer = client->submit(receive(1));
  gone.get_future().wait();
  client.reset();
  EXPECT_EQ(kind_of(answer.get()), ClientErrorKind::lost);
}

}  // namespace
}  // namespace stockfold
