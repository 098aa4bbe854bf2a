// Batches: one commit takes all commands of a batch, and an atomic one is done as a whole or not at all.
#include "server/ledger/batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "server/world.h"

namespace stockfold {
namespace {

using testing::HasSubstr;

std::vector<Command> batch(std::vector<Command> commands, bool atomic = false) {
  join_batch(commands, atomic);
  return commands;
}
std::vector<Command> atomic_batch(std::vector<Command> commands) { return batch(std::move(commands), true); }

std::vector<Command> operator+(std::vector<Command> first, const std::vector<Command>& then) {
  first.insert(first.end(), then.begin(), then.end());
  return first;
}

/// "a" for accepted, "A" for the replay of that, "r" and "R" for refused by a rule, "b" for batch_refused,
/// "f" for any other failure.
std::string outcomes(const Execution& execution) {
  std::string letters;
  for (const Answer& answer : execution.answers) {
    if (accepted(answer)) {
      letters += answer.replayed ? 'A' : 'a';
    } else if (std::holds_alternative<Refusal>(answer.outcome)) {
      letters += answer.replayed ? 'R' : 'r';
    } else {
      letters += error_code_of(answer) == ErrorCode::batch_refused ? 'b' : 'f';
    }
  }
  return letters;
}

Lines lines_of(int products) {
  Lines lines;
  for (int i = 0; i < products; ++i) lines.push_back({sku("L" + std::to_string(i)), 1});
  return lines;
}

// ---- a batch ----------------------------------------------------------------------------------------------

TEST(Batch, HasAnOutcomeForEachCommandInOneCommit) {
  World world;
  const auto execution = world.execute(batch({register_product("A", 1), place("1", {{sku("A"), 1}}),
                                              place("2", {{sku("A"), 1}}), abort_order("1")}));
  EXPECT_EQ(outcomes(execution), "aara");
  EXPECT_EQ(execution.events, 3U);
}

TEST(Batch, SentTwiceIsAllReplays) {
  World world;
  const auto commands = batch({with_id(register_product("A", 1), 1), with_id(place("1", {{sku("A"), 2}}), 2),
                               with_id(place("2", {{sku("A"), 1}}), 3)});
  EXPECT_EQ(outcomes(world.execute(commands)), "ara");
  const auto before = world.position();
  EXPECT_EQ(outcomes(world.execute(commands)), "ARA");
  world.restart();
  EXPECT_EQ(outcomes(world.execute(commands)), "ARA");
  EXPECT_EQ(world.position(), before);
}

TEST(Batch, IsNeverSplitOverCommits) {
  World world({.commit_commands = 3});
  const auto all = std::vector{register_product("A", 1), register_product("B", 1)} +
                   batch({register_product("C", 1), register_product("D", 1)}) +
                   std::vector{register_product("E", 1)};
  EXPECT_EQ(world.execute(all).answers.size(), 2U);
  EXPECT_EQ(world.execute({all.begin() + 2, all.end()}).answers.size(), 3U);
}

TEST(Batch, LargerThanACommitHasACommitOfItsOwn) {
  World world({.commit_commands = 2, .commit_lines = 2});
  std::vector<Command> commands{register_product("A", 9), register_product("B", 9)};
  for (const auto* order : {"1", "2", "3"}) commands.push_back(place(order, {{sku("A"), 1}, {sku("B"), 1}}));
  const auto execution = world.execute(batch(commands) + batch(commands));
  EXPECT_EQ(outcomes(execution), "aaaaa");
  EXPECT_EQ(execution.events, 5U);
}

TEST(Batch, BeginsOnlyWhereTheCommitHasLinesLeft) {
  World world({.commit_lines = 3});
  world.execute({register_product("L0", 9), register_product("L1", 9), register_product("L2", 9)});
  const auto two = batch({place_next(lines_of(1)), place_next(lines_of(1))});
  EXPECT_EQ(outcomes(world.execute(std::vector{place_next(lines_of(3))} + two)), "a");
  EXPECT_EQ(outcomes(world.execute(std::vector{place_next(lines_of(2))} + two)), "aaa");
}

TEST(Batch, AnswersCommandsBeyondItsLinesAsOverloaded) {
  World world({.batch_lines = 4});
  std::vector<Command> products;
  for (const Line& line : lines_of(3)) products.push_back(register_product(line.sku.view(), 9));
  world.execute(products);
  std::vector<Command> orders;
  for (std::uint8_t id = 1; id <= 4; ++id) orders.push_back(with_id(place_next(lines_of(3)), id));
  const auto first = world.execute(batch(orders));
  EXPECT_EQ(outcomes(first), "aaff");
  EXPECT_EQ(error_code_of(first.answers[2]), ErrorCode::overloaded);
  EXPECT_EQ(outcomes(world.execute(batch({orders[2], orders[3]}))), "aa") << "they can be sent again";

  world.restart();
  const auto aborts = batch({abort_order("1"), abort_order("2"), abort_order("3")});
  EXPECT_EQ(outcomes(world.execute(aborts)), "aaf") << "the lines of the orders that it names count";
}

TEST(Batch, CountsTheLinesThatItsRefusalsQuote) {
  World world({.batch_lines = 4});
  world.execute({register_product("L0", 9), register_product("L1", 9), register_product("L2", 9)});
  world.execute({place("1", lines_of(3)), abort_order("1")});
  EXPECT_EQ(outcomes(world.execute(batch({abort_order("1"), abort_order("1"), abort_order("1")}))), "rrf");
}

TEST(Batch, IsHeldBackAsItsCommandsAre) {
  World world;
  const std::vector commands{with_id(register_product("A", 1), 1), with_id(register_product("B", 1), 2)};
  world.execute({commands.front()});
  world.hold_back(Failure(ErrorCode::out_of_space, "no room"));
  for (const bool atomic : {false, true}) {
    const auto held = world.execute(batch(commands, atomic));
    EXPECT_EQ(outcomes(held), "Af");
    EXPECT_EQ(error_code_of(held.answers[1]), ErrorCode::out_of_space);
  }
}

TEST(Batch, IsUnknownAsAWholeWhenTheSyncFails) {
  World world;
  world.log.fail_next_sync();
  const auto execution = world.execute(std::vector{register_product("A", 1)} +
                                       atomic_batch({register_product("B", 1), register_product("B", 1)}));
  EXPECT_EQ(outcomes(execution), "fff");
  EXPECT_EQ(error_code_of(execution.answers[2]), ErrorCode::outcome_unknown);
}

// ---- all or none ------------------------------------------------------------------------------------------

TEST(AtomicBatch, IsDoneIfAllCommandsAreAccepted) {
  World world;
  const auto commands = atomic_batch({with_id(register_product("A", 1), 1),
                                      with_id(place_next({{sku("A"), 1}}), 2), with_id(abort_order("1"), 3)});
  EXPECT_EQ(outcomes(world.execute(commands)), "aaa");
  world.restart();
  EXPECT_EQ(outcomes(world.execute(commands)), "AAA");
  EXPECT_EQ(world.position(), 3U);
}

TEST(AtomicBatch, DoesNothingIfOneCommandIsRefused) {
  World world;
  world.execute({register_product("A", 5)});
  const auto commands = atomic_batch(
      {with_id(receive("A", 1), 1), with_id(place_next({{sku("B"), 1}}), 2), with_id(receive("A", 2), 3)});
  const auto refused = world.execute(commands);
  EXPECT_EQ(outcomes(refused), "brb");
  EXPECT_EQ(rule_of(refused.answers[1]), Rule::unknown_product);
  for (const std::size_t i : {0U, 2U}) {
    EXPECT_EQ(message_of(refused.answers[i]), "nothing was done: command 2 of the batch was refused");
  }
  EXPECT_EQ(refused.events, 1U) << "the refusal, under its id";
  const auto next = world.execute({place_next({{sku("A"), 6}}), place_next({{sku("A"), 5}})});
  EXPECT_EQ(outcomes(next), "ra") << "nothing was received";
  EXPECT_EQ(as_accepted(next.answers[1]).subject.id, "1") << "no number was used";
}

TEST(AtomicBatch, LeavesIdsOfOtherCommandsUnused) {
  World world;
  const auto commands = std::vector{with_id(register_product("A", 5), 1), with_id(abort_order("9"), 2)};
  EXPECT_EQ(outcomes(world.execute(atomic_batch(commands))), "br");
  EXPECT_EQ(outcomes(world.execute(atomic_batch(commands))), "bR") << "the refusal is the outcome of its id";
  EXPECT_EQ(outcomes(world.execute({commands[0]})), "a");
  EXPECT_EQ(outcomes(world.execute(atomic_batch(commands))), "AR") << "an id always has its outcome";
}

TEST(AtomicBatch, RecordsNothingWithoutCommandIds) {
  World world;
  EXPECT_EQ(outcomes(world.execute(atomic_batch({register_product("A", 5), abort_order("9")}))), "br");
  EXPECT_EQ(world.position(), 0U);
}

TEST(AtomicBatch, RecordsRefusalWithTheStateThatTheLogHas) {
  World world;
  world.execute({register_product("A", 3)});
  const auto refused =
      world.execute(atomic_batch({receive("A", 5), with_id(place_next({{sku("A"), 10}}), 2)}));
  EXPECT_EQ(outcomes(refused), "br");
  EXPECT_EQ(message_of(refused.answers[1]), "insufficient stock of A: 3 available, 10 requested");
  EXPECT_EQ(outcomes(world.execute({with_id(place_next({{sku("A"), 10}}), 2)})), "R");
}

TEST(AtomicBatch, RecordsNoRefusalThatOnlyItsOwnCommandsCause) {
  World world;
  world.execute({register_product("A", 3)});
  const auto second = with_id(place("2", {{sku("A"), 2}}), 2);
  const auto refused = world.execute(atomic_batch({with_id(place("1", {{sku("A"), 2}}), 1), second}));
  EXPECT_EQ(outcomes(refused), "bb");
  EXPECT_EQ(
      message_of(refused.answers[1]),
      "nothing was done: after the commands before it in the batch, insufficient stock of A: 1 available, "
      "2 requested");
  EXPECT_EQ(world.position(), 1U);
  EXPECT_EQ(outcomes(world.execute({second})), "a") << "its id is unused";
}

TEST(AtomicBatch, RefusesAnIdThatItUsesTwice) {
  World world;
  const auto refused = world.execute(
      atomic_batch({with_id(register_product("A", 1), 1), with_id(register_product("B", 1), 1)}));
  EXPECT_EQ(outcomes(refused), "bb");
  EXPECT_THAT(message_of(refused.answers[1]),
              HasSubstr("another command of the batch has the same command id"));
  EXPECT_EQ(world.position(), 0U);
}

TEST(AtomicBatch, RepeatsACommandThatItHoldsTwice) {
  World world;
  const auto once = with_id(register_product("A", 1), 1);
  EXPECT_EQ(outcomes(world.execute(atomic_batch({once, once}))), "aA");
  EXPECT_EQ(outcomes(world.execute(atomic_batch(
                {with_id(receive("A", 1), 2), with_id(receive("A", 1), 2), with_id(abort_order("9"), 3)}))),
            "bbr");
  EXPECT_EQ(world.position(), 2U);
}

TEST(AtomicBatch, IsRefusedByAnIdOfAnotherCommand) {
  World world;
  world.execute({with_id(register_product("A", 1), 1)});
  const auto refused =
      world.execute(atomic_batch({with_id(receive("A", 1), 2), with_id(receive("A", 2), 1)}));
  EXPECT_EQ(outcomes(refused), "br");
  EXPECT_EQ(rule_of(refused.answers[1]), Rule::command_id_reused);
}

TEST(AtomicBatch, DropsNothingOfOthersInItsCommit) {
  World world;
  world.execute({register_product("A", 10)});
  const auto execution = world.execute(
      std::vector{with_id(receive("A", 1), 1), place_next({{sku("A"), 1}})} +
      atomic_batch({receive("A", 100), with_id(place_next({{sku("A"), 50}}), 2), abort_order("9")}) +
      atomic_batch({with_id(receive("A", 7), 3), place_next({{sku("A"), 17}})}) +
      std::vector{with_id(receive("A", 1), 1), place_next({{sku("A"), 1}})});
  EXPECT_EQ(outcomes(execution), "aabbraaAr");
  EXPECT_EQ(as_accepted(execution.answers[6]).subject.id, "2");
  EXPECT_EQ(as_accepted(execution.answers[6]).stock.front().stock, 0U);
}

TEST(AtomicBatch, IsRefusedIfItHasTooManyLines) {
  World world({.batch_lines = 4});
  world.execute({register_product("L0", 9), register_product("L1", 9), register_product("L2", 9)});
  const auto two = atomic_batch({place_next(lines_of(2)), place_next(lines_of(3))});
  EXPECT_EQ(outcomes(world.execute(two)), "aa");
  const auto refused = world.execute(
      atomic_batch({place_next(lines_of(3)), place_next(lines_of(3)), place_next(lines_of(3))}));
  EXPECT_EQ(outcomes(refused), "bbf");
  EXPECT_EQ(error_code_of(refused.answers[2]), ErrorCode::invalid_argument);
  EXPECT_EQ(refused.events, 0U);
}

TEST(AtomicBatch, IsDecidedAgainAfterAnotherWriter) {
  World world;
  world.execute({register_product("A", 1)});
  world.catch_up();
  auto other = Ledger::open(world.log, world.views, {}).value();
  Command receiving = receive("A", 1);
  ASSERT_TRUE(accepted(other->execute({&receiving, 1}, UnixMillis(1'000)).answers[0]));
  EXPECT_EQ(outcomes(world.execute(atomic_batch({place_next({{sku("A"), 1}}), place_next({{sku("A"), 1}})}))),
            "aa");
}

// ---- the same as its commands one by one ------------------------------------------------------------------

Command any_batched_command() {
  const auto product = *rc::gen::element("A", "B");
  const auto order = *rc::gen::element("1", "2", "x");
  const auto quantity = *rc::gen::inRange<Quantity>(1, 4);
  Command command = register_product(product, 5);
  switch (*rc::gen::inRange(0, 6)) {
    case 0:
      break;
    case 1:
      command = receive(product, quantity);
      break;
    case 2:
      command = place(order, {{sku(product), quantity}});
      break;
    case 3:
      command = place_next({{sku(product), quantity}});
      break;
    case 4:
      command = abort_order(order);
      break;
    default:
      command = fulfil_order(order);
      break;
  }
  const auto id = *rc::gen::inRange<std::uint8_t>(0, 30);
  return id == 0 ? command : with_id(std::move(command), id);
}

std::vector<RecordedEvent> events_of(const World& world) {
  std::vector<RecordedEvent> events;
  const auto cursor = world.log.read(GlobalPosition(1));
  for (auto next = cursor->next(); next && *next != nullptr; next = cursor->next()) {
    events.insert(events.end(), (*next)->events.begin(), (*next)->events.end());
  }
  return events;
}

RC_GTEST_PROP(AtomicBatches, LeaveTheLogThatTheirCommandsAloneLeave, ()) {
  World together;
  World alone;
  const auto commits = *rc::gen::inRange(1, 5);
  for (int commit = 0; commit < commits; ++commit) {
    std::vector<Command> commands;
    const auto batches = *rc::gen::inRange<std::size_t>(1, 5);
    for (std::size_t i = 0; i < batches; ++i) {
      std::vector<Command> some;
      const auto size = *rc::gen::inRange<std::size_t>(1, 5);
      for (std::size_t n = 0; n < size; ++n) some.push_back(any_batched_command());
      commands = std::move(commands) + batch(std::move(some), *rc::gen::arbitrary<bool>());
    }
    const auto execution = together.execute(commands);
    RC_ASSERT(execution.answers.size() == commands.size());
    for (std::size_t at = 0; at < commands.size();) {
      const std::size_t size = size_of_batch(std::span(commands).subspan(at));
      for (std::size_t i = at; i < at + size; ++i) {
        const auto* failure = std::get_if<Failure>(&execution.answers[i].outcome);
        if (failure != nullptr) RC_ASSERT(failure->code == ErrorCode::batch_refused);
        if (failure != nullptr) continue;
        Command command = commands[i];
        command.with_next = false;
        RC_ASSERT(alone.execute_one(command) == execution.answers[i]);
      }
      at += size;
    }
    if (*rc::gen::arbitrary<bool>()) together.restart();
  }
  RC_ASSERT(events_of(together) == events_of(alone));
}

}  // namespace
}  // namespace stockfold
