#include "protocol/batch.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace stockfold {
namespace {

Command receive(std::string_view sku) { return {ReceiveStock{Sku::parse(sku).value(), 1, ""}, {}, {}, ""}; }
Command order_of(std::size_t lines) { return {PlaceOrder{{}, Lines(lines)}, {}, {}, ""}; }

std::string skus(const std::vector<Command>& commands) {
  std::string skus;
  for (const Command& command : commands) skus += std::get<ReceiveStock>(command.body).sku.view();
  return skus;
}

/// Refuses every command about the product x.
std::optional<Failure> refuse_x(Command& command) {
  if (std::get<ReceiveStock>(command.body).sku.view() != "x") return std::nullopt;
  return Failure(ErrorCode::forbidden, "not x");
}

std::vector<std::string> messages(const std::vector<Answer>& answers) {
  std::vector<std::string> messages;
  for (const Answer& answer : answers) messages.push_back(message_of(answer));
  return messages;
}

TEST(BatchOfCommands, HasOneToThousandCommandsAndABoundOfLines) {
  EXPECT_EQ(malformation_of_batch({})->code, ErrorCode::invalid_argument);
  EXPECT_FALSE(malformation_of_batch(std::vector(1'000, receive("a"))));
  EXPECT_TRUE(malformation_of_batch(std::vector(1'001, receive("a"))));
  EXPECT_FALSE(malformation_of_batch(std::vector(32, order_of(1'024))));
  std::vector<Command> more(32, order_of(1'024));
  more.push_back(order_of(1));
  EXPECT_EQ(malformation_of_batch(more)->detail, "commands: a batch has at most 32768 lines, found 32769");
}

TEST(ScreenedBatch, KeepsCommandsThatAreNotRefused) {
  std::vector<Command> commands{receive("a"), receive("x"), receive("b"), receive("x")};
  auto early = screen(commands, false, refuse_x);
  EXPECT_EQ(skus(commands), "ab");
  const Answer first{Failure(ErrorCode::overloaded, "first")};
  const Answer second{Failure(ErrorCode::overloaded, "second")};
  EXPECT_EQ(messages(merged(std::move(early), std::vector{first, second})),
            (std::vector<std::string>{"first", "not x", "second", "not x"}));
}

TEST(ScreenedBatch, IsAsItWasWhereNothingIsRefused) {
  std::vector<Command> commands{receive("a"), receive("b")};
  EXPECT_TRUE(screen(commands, true, refuse_x).empty());
  EXPECT_EQ(skus(commands), "ab");
  const Answer only{Failure(ErrorCode::overloaded, "only")};
  EXPECT_EQ(merged({}, std::vector{only}), std::vector{only});
}

TEST(ScreenedBatch, IsRefusedAsAWholeIfAllOrNoneIsDone) {
  std::vector<Command> commands{receive("a"), receive("x"), receive("x")};
  const auto answers = merged(screen(commands, true, refuse_x), {});
  EXPECT_TRUE(commands.empty());
  const std::string other = "nothing was done: command 2 of the batch was refused";
  EXPECT_EQ(messages(answers), (std::vector<std::string>{other, "not x", other}));
  EXPECT_EQ(std::get<Failure>(answers[2].outcome).code, ErrorCode::batch_refused);
}

}  // namespace
}  // namespace stockfold
