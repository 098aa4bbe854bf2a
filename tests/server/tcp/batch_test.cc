// Batches over a connection of the binary protocol.
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/running_server.h"
#include "server/tcp/wire.h"
#include "server/world.h"

namespace stockfold {
namespace {

using namespace std::chrono_literals;

/// The answers of all replies to a batch.
std::vector<Answer> answers_of(Wire& wire, std::uint64_t id) {
  std::vector<Answer> answers;
  for (bool last = false; !last;) {
    auto reply = wire.receive_as<BatchReply>(id);
    if (reply.answers.empty()) return answers;
    answers.insert(answers.end(), reply.answers.begin(), reply.answers.end());
    last = reply.last;
  }
  return answers;
}
std::vector<Answer> execute(Wire& wire, std::uint64_t id, std::vector<Command> commands, bool atomic) {
  wire.send(id, CommandBatch{std::move(commands), atomic});
  return answers_of(wire, id);
}
std::vector<std::string> names(const std::vector<Answer>& answers) {
  std::vector<std::string> names;
  for (const Answer& answer : answers) names.emplace_back(error_name_of(answer));
  return names;
}
using Names = std::vector<std::string>;

TEST(TcpBatch, AnswersEachCommandInTheirOrder) {
  RunningServer server;
  auto wire = server.connect();
  const std::vector commands{register_product("A", 1), place("1", {{sku("A"), 2}}),
                             place("2", {{sku("A"), 1}})};
  EXPECT_EQ(names(execute(*wire, 2, commands, false)), (Names{"", "insufficient_stock", ""}));
  wire->send(3, ShowHead{});
  EXPECT_EQ(wire->receive_as<HeadReply>(3).position, GlobalPosition(2));
}

TEST(TcpBatch, KeepsItsPlaceBetweenOtherRequests) {
  RunningServer server;
  auto wire = server.connect();
  wire->send(2, register_product("A", 9));
  wire->send(3, CommandBatch{{receive("A", 1), receive("B", 1)}, false});
  wire->send(4, receive("A", 1));
  wire->send(5, ShowProduct{sku("A"), {}});
  EXPECT_TRUE(accepted(wire->receive_as<CommandReply>(2).answer));
  EXPECT_EQ(names(answers_of(*wire, 3)), (Names{"", "unknown_product"}));
  EXPECT_TRUE(accepted(wire->receive_as<CommandReply>(4).answer));
  EXPECT_EQ(wire->receive_as<ProductReply>(5).product->stock(), 11U);
}

TEST(TcpBatch, DoesTheOthersWhereOneCommandIsMalformed) {
  RunningServer server;
  auto wire = server.connect();
  const std::vector commands{register_product("A", 1), receive("A", 0), receive("A", 2), receive("..", 0)};
  EXPECT_EQ(names(execute(*wire, 2, commands, false)),
            (Names{"", "invalid_argument", "", "invalid_argument"}));
  EXPECT_EQ(names(execute(*wire, 3, {receive("A", 0)}, false)), Names{"invalid_argument"});
}

TEST(TcpBatch, DoesNothingWhereACommandOfAnAtomicOneIsMalformed) {
  RunningServer server;
  auto wire = server.connect();
  const std::vector commands{register_product("A", 1), receive("A", 0), register_product("B", 1)};
  const auto answers = execute(*wire, 2, commands, true);
  EXPECT_EQ(names(answers), (Names{"batch_refused", "invalid_argument", "batch_refused"}));
  EXPECT_EQ(message_of(answers[2]), "nothing was done: command 2 of the batch was refused");
  wire->send(3, ShowHead{});
  EXPECT_EQ(wire->receive_as<HeadReply>(3).position, GlobalPosition(0));
}

TEST(TcpBatch, DoesNothingWhereACommandOfAnAtomicOneIsRefused) {
  RunningServer server;
  auto wire = server.connect();
  const std::vector commands{register_product("A", 1), abort_order("1"), register_product("B", 1)};
  EXPECT_EQ(names(execute(*wire, 2, commands, true)),
            (Names{"batch_refused", "unknown_order", "batch_refused"}));
  EXPECT_EQ(names(execute(*wire, 3, {commands[0], commands[2]}, true)), (Names{"", ""}));
}

TEST(TcpBatch, IsAnErrorWhereItHasTooManyLines) {
  RunningServer server;
  auto wire = server.connect();
  Lines lines;
  for (int i = 0; i < 1'000; ++i) lines.push_back({sku("L" + std::to_string(i)), 1});
  wire->send(2, CommandBatch{std::vector(33, place_next(lines)), false});
  EXPECT_EQ(wire->receive_as<ErrorReply>(2).code, ErrorCode::invalid_argument);
  EXPECT_TRUE(accepted(wire->execute(3, register_product("A", 1)))) << "the connection goes on";
}

TEST(TcpBatch, IsAnErrorWhereTheLedgerIsOverloaded) {
  RunningServer server({.engine = {.writer = {.queue_limit = 0}}});
  auto wire = server.connect();
  wire->send(2, CommandBatch{{register_product("A", 1)}, false});
  const auto error = wire->receive_as<ErrorReply>(2);
  EXPECT_EQ(error.code, ErrorCode::overloaded);
  EXPECT_FALSE(error.closing);
}

TEST(TcpBatch, IsUnknownToAConnectionOfVersionOne) {
  RunningServer server;
  auto wire = server.connect_silently();
  wire->greet(1);
  std::string frame;
  encode_request({2, CommandBatch{{register_product("A", 1)}, false}}, frame);
  wire->send_bytes(frame);
  EXPECT_EQ(wire->receive_as<ErrorReply>(2).code, ErrorCode::invalid_argument);
  EXPECT_TRUE(accepted(wire->execute(3, register_product("A", 1))));
}

TEST(TcpBatch, SplitsAnswersThatFillMoreThanAFrame) {
  RunningServer server;
  auto wire = server.connect();
  std::vector<Command> products;
  Lines lines;
  for (int i = 0; i < 1'000; ++i) {
    const auto id = std::to_string(i);
    lines.push_back({sku(std::string(64 - id.size(), 'x') + id), 1});
    products.push_back(register_product(lines.back().sku.view(), 40));
  }
  EXPECT_EQ(names(execute(*wire, 2, products, true)), Names(1'000));
  for (std::uint64_t order = 3; order < 35; ++order) {
    ASSERT_TRUE(accepted(wire->execute(order, place(std::to_string(order), lines))));
  }
  std::vector<Command> aborts;
  for (std::uint64_t order = 3; order < 35; ++order) aborts.push_back(abort_order(std::to_string(order)));
  EXPECT_EQ(names(execute(*wire, 99, aborts, true)), Names(32)) << "32,000 lines of 64 bytes";
}

TEST(TcpBatch, TakesManyBatchesAheadOfTheirReplies) {
  RunningServer server;
  auto wire = server.connect();
  ASSERT_TRUE(accepted(wire->execute(2, register_product("A", 1))));
  const std::vector commands(1'000, receive("A", 1));
  std::thread sender([&] {
    for (std::uint64_t id = 3; id < 23; ++id) wire->send(id, CommandBatch{commands, id % 2 == 0});
  });
  for (std::uint64_t id = 3; id < 23; ++id) EXPECT_EQ(names(answers_of(*wire, id)), Names(1'000));
  sender.join();
  wire->send(23, ShowProduct{sku("A"), {}});
  EXPECT_EQ(wire->receive_as<ProductReply>(23).product->stock(), 20'001U);
}

TEST(TcpBatch, RacesAnotherWithoutPartsOfEither) {
  RunningServer server;
  ASSERT_TRUE(accepted(server.connect()->execute(2, register_product("A", 300))));
  const auto place_many = [&](std::string prefix) {
    std::vector<Command> orders;
    for (int i = 0; i < 200; ++i) orders.push_back(place(prefix + std::to_string(i), {{sku("A"), 1}}));
    return orders;
  };
  std::vector<Names> outcomes(2);
  std::vector<std::jthread> callers;
  for (std::size_t caller = 0; caller < 2; ++caller) {
    callers.emplace_back([&, caller] {
      outcomes[caller] = names(execute(*server.connect(), 2, place_many(caller == 0 ? "a" : "b"), true));
    });
  }
  callers.clear();
  const auto done = [](const Names& names) { return std::ranges::count(names, std::string()); };
  EXPECT_EQ(done(outcomes[0]) + done(outcomes[1]), 200);
  EXPECT_TRUE(done(outcomes[0]) == 0 || done(outcomes[1]) == 0);
  const auto wire = server.connect();
  wire->send(2, ShowProduct{sku("A"), {}});
  EXPECT_EQ(wire->receive_as<ProductReply>(2).product->stock(), 100U);
}

}  // namespace
}  // namespace stockfold
