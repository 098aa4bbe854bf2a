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

// ---- connecting -------------------------------------------------------------------------------------------

TEST(ClientConnect, SendsItsNameAndReadsTheServerHello) {
  std::promise<ClientHello> said;
  FakeLedger ledger({[&](Peer& peer) { said.set_value(peer.greet()); }});
  auto options = options_for(ledger);
  options.name = "till 7";
  const auto client = connected(options);
  EXPECT_EQ(said.get_future().get(), (ClientHello{1, kProtocolVersion, "till 7"}));
  EXPECT_EQ(client->server(), server_hello());
}

TEST(ClientConnect, FailsWhenNoServerListens) {
  std::uint16_t port = 0;
  {
    FakeLedger gone({});
    port = gone.port();
  }
  ClientOptions options;
  options.port = port;
  const auto client = Client::connect(options);
  EXPECT_EQ(kind_of(client), ClientErrorKind::unreachable);
  EXPECT_THAT(client.error().what, HasSubstr("127.0.0.1:" + std::to_string(port)));
}

TEST(ClientConnect, TimesOutWithoutServerHello) {
  FakeLedger ledger({[](Peer& peer) { peer.until_closed(); }});
  auto options = options_for(ledger);
  options.connect_timeout = 50ms;
  EXPECT_EQ(kind_of(Client::connect(options)), ClientErrorKind::timed_out);
}

TEST(ClientConnect, FailsWithTheReasonTheLedgerGives) {
  FakeLedger ledger({[](Peer& peer) {
    peer.read();
    peer.reply(0, ErrorReply{ErrorCode::overloaded, "too many connections", true});
  }});
  const auto client = Client::connect(options_for(ledger));
  EXPECT_EQ(kind_of(client), ClientErrorKind::rejected);
  EXPECT_EQ(client.error().code, ErrorCode::overloaded);
  EXPECT_EQ(client.error().what, "too many connections");
}

TEST(ClientConnect, FailsWhenAnotherProtocolAnswers) {
  FakeLedger ledger({[](Peer& peer) {
    peer.read();
    peer.send_bytes("HTTP/1.1 400 Bad Request\r\n\r\n");
  }});
  EXPECT_EQ(kind_of(Client::connect(options_for(ledger))), ClientErrorKind::protocol);
}

TEST(ClientConnect, FailsOnUnsupportedProtocolVersion) {
  FakeLedger ledger({[](Peer& peer) {
    auto hello = server_hello();
    hello.version = kProtocolVersion + 1;
    peer.greet(hello);
  }});
  EXPECT_EQ(kind_of(Client::connect(options_for(ledger))), ClientErrorKind::protocol);
}

TEST(ClientConnect, SpeaksTheVersionThatTheLedgerChooses) {
  FakeLedger ledger({[](Peer& peer) {
    auto hello = server_hello();
    hello.version = 1;
    peer.greet(hello);
    answer_all(peer);
  }});
  const auto client = connected(options_for(ledger));
  EXPECT_EQ(client->server().version, 1U);
  EXPECT_EQ(position_in(client->execute(receive(3))), 3U);
}

// ---- asking -----------------------------------------------------------------------------------------------

TEST(Client, MatchesAnswersToPipelinedCommands) {
  constexpr Quantity kCommands = 100;
  FakeLedger ledger({[](Peer& peer) {
    peer.greet();
    std::vector<std::pair<std::uint64_t, CommandRequest>> requests;
    while (requests.size() < kCommands) requests.push_back(peer.read_as<CommandRequest>());
    for (const auto& [id, request] : requests | std::views::reverse) peer.reply(id, answer_to(request));
    peer.until_closed();
  }});
  const auto client = connected(ledger);
  std::vector<std::future<ClientResult<Answer>>> answers;
  for (Quantity i = 1; i <= kCommands; ++i) answers.push_back(client->submit(receive(i)));
  for (Quantity i = 1; i <= kCommands; ++i) EXPECT_EQ(position_in(answers[i - 1].get()), i);
}

TEST(Client, ServesSeveralThreads) {
  FakeLedger ledger({[](Peer& peer) {
    peer.greet();
    answer_all(peer);
  }});
  const auto client = connected(ledger);
  std::atomic<int> mistaken = 0;
  {
    std::vector<std::jthread> threads;
    for (Quantity thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        for (Quantity i = 1; i <= 50; ++i) {
          const Quantity quantity = thread * 1'000 + i;
          if (position_in(client->execute(receive(quantity))) != quantity) ++mistaken;
        }
      });
    }
  }
  EXPECT_EQ(mistaken, 0);
}

TEST(Client, AssignsCommandIdWhenCallerGivesNone) {
  std::promise<std::vector<CommandIdentity>> seen;
  FakeLedger ledger({[&](Peer& peer) {
    peer.greet();
    std::vector<CommandIdentity> identities;
    while (identities.size() < 3) {
      const auto [id, request] = peer.read_as<CommandRequest>();
      identities.push_back(request.command.identity.value_or(CommandIdentity{}));
      peer.reply(id, answer_to(request));
    }
    seen.set_value(identities);
  }});
  const auto client = connected(ledger);
  Command given = receive(3);
  given.identity = CommandIdentity{{{1, 2, 3}}, {}};
  client->execute(receive(1));
  client->execute(receive(2));
  client->execute(given);

  const auto identities = seen.get_future().get();
  EXPECT_NE(identities[0].id, CommandId{});
  EXPECT_NE(identities[0].id, identities[1].id);
  EXPECT_EQ(identities[2].id, given.identity->id);
}

TEST(Client, SortsAndSumsTheLinesOfAnOrder) {
  const Sku plate = Sku::parse("plate").value();
  std::promise<Lines> seen;
  FakeLedger ledger({[&](Peer& peer) {
    peer.greet();
    seen.set_value(std::get<PlaceOrder>(peer.read_as<CommandRequest>().second.command.body).lines);
  }});
  const auto client = connected(ledger);
  const PlaceOrder place{std::nullopt, {{plate, 1}, {kMug, 2}, {plate, 3}}};
  const auto answer = client->submit({place, ExpectedVersion::any(), std::nullopt, ""});
  EXPECT_EQ(seen.get_future().get(), (Lines{{kMug, 2}, {plate, 4}}));
}

TEST(Client, RefusesMalformedCommandWithoutSendingIt) {
  FakeLedger ledger({[](Peer& peer) {
    peer.greet();
    answer_all(peer);
  }});
  const auto client = connected(ledger);
  Command too_long = receive(1);
  std::get<ReceiveStock>(too_long.body).reason = std::string(5'000, 'x');
  const PlaceOrder none{std::nullopt, {{kMug, 0}}};
  Command never_drawn = receive(1);
  never_drawn.identity = CommandIdentity{};
  for (const Command& malformed :
       {receive(0), too_long, Command{none, ExpectedVersion::any(), std::nullopt, ""}, never_drawn}) {
    const auto answer = client->execute(malformed);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(std::get<Failure>(answer->outcome).code, ErrorCode::invalid_argument);
  }
  EXPECT_EQ(position_in(client->execute(receive(9))), 9U);
}

TEST(Client, ReturnsRefusalAsAnAnswer) {
  FakeLedger ledger({[](Peer& peer) {
    peer.greet();
    peer.reply(peer.read().id, CommandReply{{Failure(ErrorCode::overloaded, "later"), false}});
    peer.until_closed();
  }});
  const auto answer = connected(ledger)->execute(receive(1));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(std::get<Failure>(answer->outcome).code, ErrorCode::overloaded);
}

TEST(Client, SendsEveryReadRequest) {
  const OrderId order = OrderId::parse("1").value();
  FakeLedger ledger({[](Peer& peer) {
    peer.greet();
    for (;;) {
      auto [id, request] = peer.read();
      auto position = GlobalPosition(7);
      if (const auto* at = std::get_if<At>(&request)) {
        position = std::get<GlobalPosition>(at->moment);
        request = std::visit([](const auto& read) { return Request(read); }, at->read);
      }
      if (auto* show = std::get_if<ShowProduct>(&request))
        peer.reply(id, ProductReply{show->sku, {}, position});
      if (auto* show = std::get_if<ShowOrder>(&request))
        peer.reply(id, OrderReply{show->order, {}, position});
      if (auto* list = std::get_if<ListProducts>(&request))
        peer.reply(id, ProductsReply{{}, list->from, position});
      if (auto* list = std::get_if<ListOrders>(&request))
        peer.reply(id, OrdersReply{{}, list->from, position});
      if (auto* read = std::get_if<ReadEvents>(&request)) peer.reply(id, EventsReply{{}, read->to, position});
      if (std::holds_alternative<ShowHead>(request)) peer.reply(id, HeadReply{{}, {}, position, {}, {}, {}});
    }
  }});
  const auto client = connected(ledger);
  EXPECT_EQ(client->product(kMug).value(), (ProductReply{kMug, {}, GlobalPosition(7)}));
  EXPECT_EQ(client->order(order).value(), (OrderReply{order, {}, GlobalPosition(7)}));
  EXPECT_EQ(client->products({.from = kMug, .limit = 1, .freshness = {}}).value().next, kMug);
  EXPECT_EQ(
      client->orders({.from = order, .limit = 1, .status = {}, .product = {}, .freshness = {}}).value().next,
      order);
  const GlobalPosition then(3);
  EXPECT_EQ(client->at(then, ShowProduct{kMug, {}}).value().as_of, then);
  EXPECT_EQ(client->at(then, ShowOrder{order, {}}).value().as_of, then);
  EXPECT_EQ(client->at(then, ListProducts{}).value().as_of, then);
  EXPECT_EQ(client->at(then, ListOrders{}).value().as_of, then);
  ReadEvents read;
  read.to = GlobalPosition(5);
  EXPECT_EQ(client->events(read).value().next, GlobalPosition(5));
  EXPECT_EQ(client->head().value().position, GlobalPosition(7));
}

// ---- batches ----------------------------------------------------------------------------------------------

std::vector<Command> receive_each(Quantity count) {
  std::vector<Command> commands;
  for (Quantity i = 1; i <= count; ++i) commands.push_back(receive(i));
  return commands;
}
std::vector<std::uint64_t> positions_in(const ClientResult<std::vector<Answer>>& answers) {
  std::vector<std::uint64_t> positions;
  for (const Answer& answer : answers.value_or(std::vector<Answer>())) {
    const auto* accepted = std::get_if<Accepted>(&answer.outcome);
    positions.push_back(accepted == nullptr ? 0 : accepted->position.value());
  }
  return positions;
}
/// The answers to a batch; see answer_to().
BatchReply answers_to(const CommandBatch& batch) {
  BatchReply reply;
  for (const Command& command : batch.commands) reply.answers.push_back(answer_to({command}).answer);
  return reply;
}

TEST(ClientBatch, IsOneRequestWithAnAnswerForEachCommand) {
  FakeLedger ledger({[](Peer& peer) {
    peer.greet();
    const auto [id, batch] = peer.read_as<CommandBatch>();
    EXPECT_TRUE(batch.atomic);
    for (const Command& command : batch.commands) EXPECT_TRUE(command.identity.has_value());
    peer.reply(id, answers_to(batch));
    peer.until_closed();
  }});
  EXPECT_EQ(positions_in(connected(ledger)->execute_batch(receive_each(3), true)),
            (std::vector<std::uint64_t>{1, 2, 3}));
}

TEST(ClientBatch, JoinsTheAnswersOfSeveralReplies) {
  FakeLedger ledger({[](Peer& peer) {
    peer.greet();
    const auto [id, batch] = peer.read_as<CommandBatch>();
    const auto answers = answers_to(batch).answers;
    for (const Answer& answer : answers) peer.reply(id, BatchReply{{answer}, &answer == &answers.back()});
    peer.until_closed();
  }});
  EXPECT_EQ(positions_in(connected(ledger)->execute_batch(receive_each(3), false)),
            (std::vector<std::uint64_t>{1, 2, 3}));
}

TEST(ClientBatch, IsSentAgainAsAWholeAfterALostConnection) {
  FakeLedger ledger({[](Peer& peer) {
                       peer.greet();
                       const auto [id, batch] = peer.read_as<CommandBatch>();
                       peer.reply(id, BatchReply{{answers_to(batch).answers.front()}, false});
                     },
                     [](Peer& peer) {
                       peer.greet();
                       const auto [id, batch] = peer.read_as<CommandBatch>();
                       peer.reply(id, answers_to(batch));
                       peer.until_closed();
                     }});
  EXPECT_EQ(positions_in(connected(ledger)->execute_batch(receive_each(2), false)),
            (std::vector<std::uint64_t>{1, 2}));
}

TEST(ClientBatch, SendsOnlyWellFormedCommands) {
  FakeLedger ledger({[](Peer& peer) {
    peer.greet();
    const auto [id, batch] = peer.read_as<CommandBatch>();
    EXPECT_EQ(batch.commands.size(), 2U);
    peer.reply(id, answers_to(batch));
    peer.until_closed();
  }});
  const auto client = connected(ledger);
  std::vector<Command> commands = receive_each(3);
  std::get<ReceiveStock>(commands[1].body).quantity = 0;
  const auto answers = client->execute_batch(commands, false);
  EXPECT_EQ(positions_in(answers), (std::vector<std::uint64_t>{1, 0, 3}));
  EXPECT_EQ(error_name_of(answers.value()[1]), "invalid_argument");

  const auto atomic = client->execute_batch(commands, true).value();
  EXPECT_EQ(error_name_of(atomic[0]), "batch_refused");
  EXPECT_EQ(error_name_of(atomic[1]), "invalid_argument");
  EXPECT_EQ(message_of(atomic[2]), "nothing was done: command 2 of the batch was refused");
}

TEST(ClientBatch, IsRejectedBeforeItIsSentIfItCannotBe) {
  FakeLedger ledger({[](Peer& peer) {
    peer.greet();
    answer_all(peer);
  }});
  const auto client = connected(ledger);
  std::vector<Command> large = receive_each(1'000);
  for (Command& command : large) {
    command.body = RegisterProduct{kMug, std::string(kMaxNameBytes, 'x'), 1};
    command.actor = std::string(kMaxActorBytes, 'y');
  }
  EXPECT_TRUE(fits_frame({large, false}));
  for (Command& command : large) {
    command.body = ReceiveStock{kMug, 1, std::string(kMaxReasonBytes, 'x')};
    command.actor = std::string(kMaxActorBytes, 'y');
  }
  for (std::size_t i = 0; i < 500; ++i) {
    Lines lines;
    for (int line = 0; line < 60; ++line) {
      lines.push_back({Sku::parse("a-product-with-a-long-name-" + std::to_string(line)).value(), 1});
    }
    large[i].body = PlaceOrder{std::nullopt, lines};
  }
  for (auto commands : {std::vector<Command>(), receive_each(1'001), large}) {
    const auto answers = client->execute_batch(std::move(commands), false);
    EXPECT_EQ(kind_of(answers), ClientErrorKind::rejected);
    EXPECT_EQ(answers.error().code, ErrorCode::invalid_argument);
  }
  EXPECT_EQ(position_in(client->execute(receive(5))), 5U) << "the connection goes on";
}

TEST(ClientBatch, IsRejectedByALedgerOfVersionOne) {
  const auto greet = [](Peer& peer) {
    auto hello = server_hello();
    hello.version = 1;
    peer.greet(hello);
  };
  FakeLedger old({[&](Peer& peer) {
    greet(peer);
    answer_all(peer);
  }});
  const auto client = connected(old);
  const auto answers = client->execute_batch(receive_each(2), false);
  EXPECT_EQ(kind_of(answers), ClientErrorKind::rejected);
  EXPECT_THAT(answers.error().what, HasSubstr("version 2"));
  EXPECT_EQ(position_in(client->execute(receive(5))), 5U);

  FakeLedger downgraded({[](Peer& peer) {
                           peer.greet();
                           peer.read();
                         },
                         [&](Peer& peer) {
                           greet(peer);
                           answer_all(peer);
                         }});
  EXPECT_EQ(kind_of(connected(downgraded)->execute_batch(receive_each(2), false)), ClientErrorKind::rejected);
}

}  // namespace
}  // namespace stockfold
