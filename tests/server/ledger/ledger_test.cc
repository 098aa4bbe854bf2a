#include "server/ledger/ledger.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "server/world.h"

namespace stockfold {
namespace {

TEST(Ledger, DecidesEachCommandAfterThoseBeforeIt) {
  World world;
  const auto execution =
      world.execute({register_product("A", 1), place("1", {{sku("A"), 1}}), place("2", {{sku("A"), 1}}),
                     abort_order("1"), place("3", {{sku("A"), 1}})});

  ASSERT_EQ(execution.answers.size(), 5U);
  EXPECT_TRUE(accepted(execution.answers[1]));
  EXPECT_EQ(rule_of(execution.answers[2]), Rule::insufficient_stock);
  EXPECT_TRUE(accepted(execution.answers[3]));
  EXPECT_TRUE(accepted(execution.answers[4]));
  EXPECT_EQ(world.position(), 4U) << "the refusal carried no id, so it is no event";
}

TEST(Ledger, AnswersAcceptedOrderWithRemainingStock) {
  World world;
  world.execute({register_product("A", 5)});
  const Answer answer = world.execute_one(place("1", {{sku("A"), 2}}));

  const Accepted& placed = as_accepted(answer);
  EXPECT_EQ(placed.subject, StreamId::of(order_id("1")));
  EXPECT_EQ(placed.status, OrderStatus::in_progress);
  EXPECT_EQ(placed.version, StreamVersion(1));
  EXPECT_EQ(placed.position, GlobalPosition(2));
  EXPECT_EQ(placed.stock, (std::vector<StockOf>{{sku("A"), 3}}));
}

TEST(Ledger, RecordsNoRefusalWithoutCommandId) {
  World world;
  EXPECT_EQ(rule_of(world.execute_one(abort_order("1"))), Rule::unknown_order);
  EXPECT_EQ(world.position(), 0U);
}

// ---- assigned order ids -----------------------------------------------------------------------------------

TEST(AssignedOrders, TakeNextFreeNumber) {
  World world;
  world.execute({register_product("A", 10), place("2", {{sku("A"), 1}}), place("3", {{sku("A"), 1}})});
  const auto execution = world.execute({place_next({{sku("A"), 1}}), place_next({{sku("A"), 1}})});

  EXPECT_EQ(as_accepted(execution.answers[0]).subject.id, "1");
  EXPECT_EQ(as_accepted(execution.answers[1]).subject.id, "4");
}

TEST(AssignedOrders, SkipNumbersThatCallersChose) {
  World world;
  world.execute({register_product("A", 100)});
  for (int i = 50; i >= 1; --i) world.execute({place(std::to_string(i), {{sku("A"), 1}})});
  world.catch_up();
  EXPECT_EQ(as_accepted(world.execute_one(place_next({{sku("A"), 1}}))).subject.id, "51");
}

TEST(AssignedOrders, ContinueNumberingAfterRestart) {
  World world;
  world.execute({register_product("A", 10), place_next({{sku("A"), 1}}), place_next({{sku("A"), 1}})});
  world.restart();
  EXPECT_EQ(as_accepted(world.execute_one(place_next({{sku("A"), 1}}))).subject.id, "3");
}

TEST(AssignedOrders, UseNoNumberWhenRefused) {
  World world;
  world.execute({register_product("A", 1)});
  EXPECT_EQ(rule_of(world.execute_one(place_next({{sku("A"), 2}}))), Rule::insufficient_stock);
  EXPECT_EQ(as_accepted(world.execute_one(place_next({{sku("A"), 1}}))).subject.id, "1");
}

TEST(AssignedOrders, StartFromAnotherNumberInEveryLife) {
  World world({}, Epoch(3));
  world.execute({register_product("A", 200), place_next({{sku("A"), 1}}), place("1", {{sku("A"), 1}})});
  EXPECT_EQ(as_accepted(world.execute_one(place_next({{sku("A"), 1}}))).subject.id, "2000000002");
  world.execute({place("2000000003", {{sku("A"), 1}})});
  EXPECT_EQ(as_accepted(world.execute_one(place_next({{sku("A"), 1}}))).subject.id, "2000000004");
  for (int i = 5; i < 100; ++i) world.execute({place_next({{sku("A"), 1}})});
  world.restart();
  EXPECT_EQ(as_accepted(world.execute_one(place_next({{sku("A"), 1}}))).subject.id, "2000000100");
  EXPECT_EQ(as_accepted(world.execute_one(place_next({{sku("A"), 1}}))).subject.id, "2000000101");
}

TEST(AssignedOrders, HaveValidNumbersInLastLife) {
  World world({}, Epoch(UINT32_MAX));
  const auto execution = world.execute({register_product("A", 2), place_next({{sku("A"), 1}})});
  EXPECT_EQ(as_accepted(execution.answers[1]).subject.id, "4294967294000000001");
}

// ---- appends that do not happen ---------------------------------------------------------------------------

TEST(FailedSync, AnswersOutcomeUnknownAndChangesNothing) {
  World world;
  world.execute({register_product("A", 5)});
  world.log.fail_next_sync();
  const auto execution = world.execute({place("1", {{sku("A"), 1}}), abort_order("9")});

  ASSERT_TRUE(execution.fault.has_value());
  ASSERT_EQ(execution.answers.size(), 2U);
  EXPECT_EQ(error_code_of(execution.answers[0]), ErrorCode::outcome_unknown);
  EXPECT_EQ(error_code_of(execution.answers[1]), ErrorCode::outcome_unknown)
      << "it was decided on what may not be there";
  EXPECT_EQ(world.position(), 1U);
}

TEST(FailedSync, StopsTheLedgerPermanently) {
  World world;
  world.log.fail_next_sync();
  world.execute({register_product("A", 5)});
  for (const Command& command : {register_product("B", 5), abort_order("1")}) {
    const auto later = world.execute({command});
    EXPECT_TRUE(later.fault.has_value());
    EXPECT_EQ(error_code_of(later.answers[0]), ErrorCode::outcome_unknown)
        << "a refusal, too, would rest on what may not be so";
  }
}

TEST(LogOfTwoWriters, IsReadBeforeCommandsAreDecidedAgain) {
  World world;
  world.execute({register_product("A", 1)});
  world.catch_up();
  auto other = Ledger::open(world.log, world.views, {}).value();
  Command taking = with_id(place("9", {{sku("A"), 1}}), 3);
  ASSERT_FALSE(admit(taking));
  ASSERT_TRUE(accepted(other->execute({&taking, 1}, UnixMillis(1'000)).answers[0]));

  const auto execution =
      world.execute({place("1", {{sku("A"), 1}}), receive("A", 5), place("2", {{sku("A"), 1}}),
                     with_id(place("9", {{sku("A"), 1}}), 3)});
  EXPECT_EQ(rule_of(execution.answers[0]), Rule::insufficient_stock);
  EXPECT_TRUE(accepted(execution.answers[1]));
  EXPECT_EQ(as_accepted(execution.answers[2]).stock, (std::vector<StockOf>{{sku("A"), 4}}));
  EXPECT_TRUE(execution.answers[3].replayed);
  EXPECT_EQ(world.position(), 4U);
}

TEST(LogOfTwoWriters, IsReadBeforeACommandIsRefused) {
  World world;
  world.execute({register_product("A", 0)});
  world.catch_up();
  auto other = Ledger::open(world.log, world.views, {}).value();
  Command receiving = receive("A", 1);
  ASSERT_TRUE(accepted(other->execute({&receiving, 1}, UnixMillis(1'000)).answers[0]));

  EXPECT_TRUE(accepted(world.execute_one(place("1", {{sku("A"), 1}})))) << "the unit was acknowledged";
}

// ---- bounds -----------------------------------------------------------------------------------------------

TEST(CommitBounds, LimitLinesButAlwaysAllowOneCommand) {
  World world({.commit_lines = 2});
  std::vector<Command> commands{register_product("A", 10), register_product("B", 10)};
  for (const auto* order : {"1", "2", "3"}) commands.push_back(place(order, {{sku("A"), 1}, {sku("B"), 1}}));

  for (const std::size_t executed : {3U, 1U, 1U}) {
    EXPECT_EQ(world.execute(commands).answers.size(), executed);
    commands.erase(commands.begin(), commands.begin() + static_cast<std::ptrdiff_t>(executed));
  }
}

TEST(CommitBounds, LimitCommandsOfACommit) {
  World world({.commit_commands = 2});
  EXPECT_EQ(world.execute({register_product("A", 1), register_product("B", 1), register_product("C", 1)})
                .answers.size(),
            2U);
}

TEST(CommitTimes, NeverGoBack) {
  World world;
  std::vector<Command> command{register_product("A", 1)};
  auto ledger = Ledger::open(world.log, world.views, {}).value();
  EXPECT_EQ(as_accepted(ledger->execute(command, UnixMillis(5'000)).answers[0]).time, UnixMillis(5'000));
  command[0] = register_product("B", 1);
  EXPECT_EQ(as_accepted(ledger->execute(command, UnixMillis(4'000)).answers[0]).time, UnixMillis(5'000));
}

// ---- whatever is forgotten is found again -----------------------------------------------------------------

Command any_cached_command() {
  const auto product = sku(*rc::gen::element("A", "B", "C"));
  const auto order = order_id(*rc::gen::element("1", "2", "3", "x", "y"));
  const auto quantity = *rc::gen::inRange<Quantity>(1, 4);
  Command command;
  switch (*rc::gen::inRange(0, 7)) {
    case 0:
      command.body = RegisterProduct{product, "", 5};
      break;
    case 1:
      command.body = ReceiveStock{product, quantity, ""};
      break;
    case 2:
      command.body = PlaceOrder{order, {{product, quantity}}};
      break;
    case 3:
      command.body = PlaceOrder{std::nullopt, {{product, quantity}}};
      break;
    case 4:
      command.body = AbortOrder{order, ""};
      break;
    case 5:
      command.body = FulfilOrder{order, ""};
      break;
    default:
      command.body = DraftOrder{order, {{product, quantity}}};
      break;
  }
  if (*rc::gen::arbitrary<bool>())
    command = with_id(std::move(command), *rc::gen::inRange<std::uint8_t>(1, 10));
  return command;
}

RC_GTEST_PROP(Ledger, GivesSameAnswersWhateverItCaches, ()) {
  World remembers;
  World forgets({.cached_aggregates = 0, .commit_commands = 3});
  const auto commands = *rc::gen::container<std::vector<Command>>(rc::gen::exec(any_cached_command));
  for (const Command& command : commands) {
    const Answer expected = remembers.execute_one(command);
    const Answer actual = forgets.execute_one(command);
    RC_ASSERT(actual == expected);
    if (*rc::gen::inRange(0, 3) == 0) forgets.catch_up();
    if (*rc::gen::inRange(0, 6) == 0) forgets.restart();
  }
  RC_ASSERT(remembers.log.head().hash == forgets.log.head().hash);
}

}  // namespace
}  // namespace stockfold
