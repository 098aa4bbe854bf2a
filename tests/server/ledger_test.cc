#include "server/ledger.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "server/world.h"

namespace stockfold {
namespace {

TEST(Ledger, DecidesEachCommandOfACommitOnThoseBeforeIt) {
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

TEST(Ledger, AnswersFormAnAcceptedOrderWithItsStock) {
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

TEST(Ledger, RefusalsWithoutAnIdWriteNothing) {
  World world;
  EXPECT_EQ(rule_of(world.execute_one(abort_order("1"))), Rule::unknown_order);
  EXPECT_EQ(world.position(), 0U);
}

// ---- a command id has one outcome, for ever ---------------------------------------------------------------

TEST(CommandIds, TheSameCommandAgainHasTheSameAnswer) {
  World world;
  world.execute({register_product("A", 5)});
  const Answer first = world.execute_one(with_id(place("1", {{sku("A"), 2}}), 7));
  const Answer again = world.execute_one(with_id(place("1", {{sku("A"), 2}}), 7));

  EXPECT_FALSE(first.replayed);
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.outcome, first.outcome);
  EXPECT_EQ(world.position(), 2U);
}

TEST(CommandIds, TheSameCommandTwiceInOneCommitHappensOnce) {
  World world;
  const auto command = with_id(register_product("A", 5), 7);
  const auto execution = world.execute({command, command});

  EXPECT_TRUE(accepted(execution.answers[0]));
  EXPECT_TRUE(execution.answers[1].replayed);
  EXPECT_EQ(execution.answers[1].outcome, execution.answers[0].outcome);
  EXPECT_EQ(world.position(), 1U);
}

TEST(CommandIds, OutlastARestart) {
  World world;
  const auto command = with_id(register_product("A", 5), 7);
  const Answer first = world.execute_one(command);
  world.restart();

  const Answer again = world.execute_one(command);
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.outcome, first.outcome);
}

TEST(CommandIds, ARefusalIsAnOutcomeEvenWhenTheCommandWouldNowBeAccepted) {
  World world;
  world.execute({register_product("A", 0)});
  const auto command = with_id(place("1", {{sku("A"), 1}}), 7);
  const Answer refused = world.execute_one(command);
  EXPECT_EQ(rule_of(refused), Rule::insufficient_stock);
  world.execute({receive("A", 10)});

  for (int i = 0; i < 2; ++i) {
    const Answer again = world.execute_one(command);
    EXPECT_TRUE(again.replayed);
    EXPECT_EQ(again.outcome, refused.outcome);
    world.restart();
  }
}

TEST(CommandIds, AnotherBodyUnderTheSameIdIsRefusedAndNotRecorded) {
  World world;
  world.execute({with_id(register_product("A", 5), 7)});
  const Answer reused = world.execute_one(with_id(register_product("B", 5), 7));

  EXPECT_EQ(rule_of(reused), Rule::command_id_reused);
  EXPECT_EQ(std::get<Refusal>(reused.outcome).obstacle, GlobalPosition(1));
  EXPECT_EQ(world.position(), 1U);
}

TEST(CommandIds, AnotherExpectedVersionIsAnotherBodyButAnotherActorIsNot) {
  World world;
  world.execute({with_id(expecting(register_product("A", 5), 0), 7)});

  EXPECT_EQ(rule_of(world.execute_one(with_id(register_product("A", 5), 7))), Rule::command_id_reused);
  auto by_somebody_else = with_id(expecting(register_product("A", 5), 0), 7);
  by_somebody_else.actor = "bob";
  EXPECT_TRUE(world.execute_one(by_somebody_else).replayed);
}

TEST(CommandIds, BelongToTheCallerThatATokenProves) {
  World world;
  world.execute({register_product("A", 5)});
  const auto order = with_id(place_next({{sku("A"), 1}}), 7);
  const Answer of_a = world.execute_one(proven(order, "shop-a"));
  const Answer of_b = world.execute_one(proven(order, "shop-b"));
  EXPECT_FALSE(of_b.replayed);
  EXPECT_NE(as_accepted(of_b).subject, as_accepted(of_a).subject);

  for (int i = 0; i < 3; ++i) {
    const Answer again_a = world.execute_one(proven(order, "shop-a"));
    const Answer again_b = world.execute_one(proven(order, "shop-b"));
    EXPECT_TRUE(again_a.replayed && again_b.replayed);
    EXPECT_EQ(again_a.outcome, of_a.outcome);
    EXPECT_EQ(again_b.outcome, of_b.outcome);
    if (i == 0) world.catch_up();
    if (i == 1) world.restart();
  }
  EXPECT_EQ(world.position(), 3U);
}

TEST(CommandIds, AreFoundWhereOneReceiptIsInMemoryAndOneInTheViews) {
  World world;
  world.execute({register_product("A", 5)});
  const auto order = with_id(place_next({{sku("A"), 1}}), 7);
  const Answer of_a = world.execute_one(proven(order, "shop-a"));
  world.catch_up();
  const Answer of_b = world.execute_one(proven(order, "shop-b"));
  EXPECT_EQ(world.execute_one(proven(order, "shop-a")).outcome, of_a.outcome);
  EXPECT_EQ(world.execute_one(proven(order, "shop-b")).outcome, of_b.outcome);
  world.catch_up();
  EXPECT_EQ(world.execute_one(proven(order, "shop-a")).outcome, of_a.outcome);
  EXPECT_EQ(world.execute_one(proven(order, "shop-b")).outcome, of_b.outcome);
  EXPECT_EQ(world.position(), 3U);
}

TEST(CommandIds, OfTwoCallersInOneCommitAreApart) {
  World world;
  world.execute({register_product("A", 5)});
  const auto order = with_id(place_next({{sku("A"), 1}}), 7);
  const auto execution = world.execute(
      {proven(order, "shop-a"), proven(order, "shop-b"), proven(order, "shop-a"), proven(order, "shop-b")});
  EXPECT_FALSE(execution.answers[1].replayed);
  EXPECT_EQ(execution.answers[2].outcome, execution.answers[0].outcome);
  EXPECT_EQ(execution.answers[3].outcome, execution.answers[1].outcome);
  EXPECT_EQ(world.position(), 3U);
}

TEST(CommandIds, AnotherCallersUseIsNoReuse) {
  World world;
  world.execute({proven(with_id(register_product("A", 5), 7), "shop-a")});
  EXPECT_TRUE(accepted(world.execute_one(proven(with_id(register_product("B", 5), 7), "shop-b"))));
  const Answer reused = world.execute_one(proven(with_id(register_product("C", 5), 7), "shop-b"));
  EXPECT_EQ(rule_of(reused), Rule::command_id_reused);
  EXPECT_EQ(std::get<Refusal>(reused.outcome).obstacle, GlobalPosition(2)) << "that of its own";
}

TEST(CommandIds, FromBeforeThereWereTokensAreEverybodys) {
  World world;
  const auto command = with_id(register_product("A", 5), 7);
  const Answer first = world.execute_one(command);
  for (int i = 0; i < 2; ++i) {
    const Answer again = world.execute_one(proven(command, "shop-a"));
    EXPECT_TRUE(again.replayed);
    EXPECT_EQ(again.outcome, first.outcome);
    world.restart();
  }
}

TEST(CommandIds, FromBeforeThereWereTokensBelongToTheActorThatTheyNamed) {
  World world;
  Command command = with_id(register_product("A", 5), 7);
  command.actor = "shop-a";
  const Answer first = world.execute_one(command);
  EXPECT_EQ(world.execute_one(proven(command, "shop-a")).outcome, first.outcome);
  EXPECT_EQ(rule_of(world.execute_one(proven(command, "shop-b"))), Rule::product_exists);
}

TEST(CommandIds, HaveOneOutcomeOnceThereAreNoTokensAnyMore) {
  World world;
  world.execute({register_product("A", 5)});
  const auto order = with_id(place_next({{sku("A"), 1}}), 7);
  const Answer of_a = world.execute_one(proven(order, "shop-a"));
  const Answer of_b = world.execute_one(proven(order, "shop-b"));
  Command by_b = order;
  by_b.actor = "shop-b";
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(world.execute_one(order).outcome, of_a.outcome) << "the oldest";
    EXPECT_EQ(world.execute_one(by_b).outcome, of_b.outcome) << "that of the actor named";
    world.restart();
  }
  EXPECT_EQ(world.position(), 3U);
}

TEST(CommandIds, ThatWereDroppedWithTheirCommitLeaveThoseOfOthers) {
  World world;
  world.execute({register_product("A", 5)});
  const auto order = with_id(place_next({{sku("A"), 1}}), 7);
  const Answer of_a = world.execute_one(proven(order, "shop-a"));
  Commit commit;  // of another writer: what was decided meanwhile is decided again
  commit.time = UnixMillis(1'000);
  commit.events = {{.position = GlobalPosition(3),
                    .time = UnixMillis(1'000),
                    .version = StreamVersion(1),
                    .identity = {},
                    .actor = "",
                    .event = ProductRegistered{sku("B"), "", 1}}};
  ASSERT_TRUE(std::holds_alternative<Appended>(world.log.append(GlobalPosition(2), std::move(commit))));
  const Answer of_b = world.execute_one(proven(order, "shop-b"));
  EXPECT_EQ(as_accepted(of_b).position, GlobalPosition(4));
  EXPECT_EQ(world.execute_one(proven(order, "shop-a")).outcome, of_a.outcome);
  EXPECT_EQ(world.execute_one(proven(order, "shop-b")).outcome, of_b.outcome);
}

TEST(CommandIds, SayWhenTheirOutcomeWasDecided) {
  World world;
  const auto command = with_id(abort_order("1"), 7);
  EXPECT_EQ(world.execute_one(command).decided, std::nullopt);
  const Answer again = world.execute_one(command);
  EXPECT_EQ(again.decided, (DecidedBy{GlobalPosition(1), UnixMillis(1'000)}));
}

TEST(CommandIds, AreLookedAtBeforeTheRoomOnTheDisk) {
  World world;
  world.execute({register_product("A", 0)});
  const auto refused = with_id(place("1", {{sku("A"), 1}}), 7);
  const auto received = with_id(receive("A", 1), 8);
  const Answer of_refused = world.execute_one(refused);
  const Answer of_received = world.execute_one(received);
  world.hold_back(refuse(Rule::out_of_space, "the disk is full"));

  EXPECT_EQ(world.execute_one(refused).outcome, of_refused.outcome);
  EXPECT_EQ(world.execute_one(received).outcome, of_received.outcome);
  EXPECT_EQ(rule_of(world.execute_one(with_id(receive("A", 2), 8))), Rule::command_id_reused);
  const Answer no_room = world.execute_one(with_id(receive("A", 1), 9));
  EXPECT_EQ(rule_of(no_room), Rule::out_of_space);
  EXPECT_EQ(std::get<Refusal>(no_room.outcome).detail, "the disk is full");
  EXPECT_EQ(rule_of(world.execute_one(receive("A", 1))), Rule::out_of_space);
  EXPECT_EQ(world.position(), 3U);

  world.hold_back(std::nullopt);
  EXPECT_TRUE(accepted(world.execute_one(with_id(receive("A", 1), 9)))) << "it left no trace";
}

TEST(CommandIds, AreLookedAtWhereNoCommitCanBeMade) {
  World world;
  const Command registered = with_id(register_product("A", 1), 7);
  const Answer first = world.execute_one(registered);
  const Refusal clock = refuse(Rule::clock_jumped, "the clock is wrong");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(world.tell_again(registered, clock).outcome, first.outcome);
    EXPECT_EQ(rule_of(world.tell_again(with_id(receive("A", 1), 8), clock)), Rule::clock_jumped);
    EXPECT_EQ(rule_of(world.tell_again(receive("A", 1), clock)), Rule::clock_jumped);
    world.restart();
  }
  EXPECT_TRUE(accepted(world.execute_one(with_id(receive("A", 1), 8)))) << "that was for these calls alone";
}

TEST(CommandIds, ThatNobodyDrewAreMalformed) {
  for (const int byte : {0x00, 0xFF}) {
    Command command = with_id(register_product("A", 5), 1);
    command.identity->id.bytes.fill(static_cast<std::uint8_t>(byte));
    const auto refusal = admit(command);
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->rule, Rule::invalid_argument);
    EXPECT_EQ(refusal->detail, byte == 0 ? "command_id: an id of all zeros was never drawn"
                                         : "command_id: an id of all ones was never drawn");
  }
}

TEST(CommandIds, AreLookedAtBeforeTheExpectedVersion) {
  World world;
  world.execute({register_product("A", 5), place("1", {{sku("A"), 2}})});
  const auto abort = with_id(expecting(abort_order("1"), 1), 7);
  const Answer first = world.execute_one(abort);

  const Answer retried = world.execute_one(abort);
  EXPECT_TRUE(retried.replayed);
  EXPECT_EQ(retried.outcome, first.outcome);
  EXPECT_EQ(rule_of(world.execute_one(with_id(abort_order("1"), 8))), Rule::order_already_aborted);
  EXPECT_EQ(rule_of(world.execute_one(with_id(expecting(abort_order("1"), 1), 9))), Rule::version_conflict);
}

TEST(CommandIds, TheRetryOfAnAssignedOrderGetsTheFirstOrder) {
  World world;
  world.execute({register_product("A", 5)});
  const auto command = with_id(place_next({{sku("A"), 1}}), 7);
  const Answer first = world.execute_one(command);
  const Answer other = world.execute_one(with_id(place_next({{sku("A"), 1}}), 8));
  const Answer again = world.execute_one(command);

  EXPECT_EQ(as_accepted(first).subject.id, "1");
  EXPECT_EQ(as_accepted(other).subject.id, "2");
  EXPECT_EQ(again.outcome, first.outcome);
}

// ---- assigned order ids -----------------------------------------------------------------------------------

TEST(AssignedOrders, TakeTheNextNumberThatIsNotTaken) {
  World world;
  world.execute({register_product("A", 10), place("2", {{sku("A"), 1}}), place("3", {{sku("A"), 1}})});
  const auto execution = world.execute({place_next({{sku("A"), 1}}), place_next({{sku("A"), 1}})});

  EXPECT_EQ(as_accepted(execution.answers[0]).subject.id, "1");
  EXPECT_EQ(as_accepted(execution.answers[1]).subject.id, "4");
}

TEST(AssignedOrders, PassOverNumbersThatCallersTookThemselves) {
  World world;
  world.execute({register_product("A", 100)});
  for (int i = 50; i >= 1; --i) world.execute({place(std::to_string(i), {{sku("A"), 1}})});
  world.catch_up();
  EXPECT_EQ(as_accepted(world.execute_one(place_next({{sku("A"), 1}}))).subject.id, "51");
}

TEST(AssignedOrders, GoOnAfterARestart) {
  World world;
  world.execute({register_product("A", 10), place_next({{sku("A"), 1}}), place_next({{sku("A"), 1}})});
  world.restart();
  EXPECT_EQ(as_accepted(world.execute_one(place_next({{sku("A"), 1}}))).subject.id, "3");
}

TEST(AssignedOrders, ARefusedOneUsesNoNumberUp) {
  World world;
  world.execute({register_product("A", 1)});
  EXPECT_EQ(rule_of(world.execute_one(place_next({{sku("A"), 2}}))), Rule::insufficient_stock);
  EXPECT_EQ(as_accepted(world.execute_one(place_next({{sku("A"), 1}}))).subject.id, "1");
}

TEST(AssignedOrders, AreNumberedFromAnotherBeginningInEveryLife) {
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

TEST(AssignedOrders, OfTheLastLifeAreNumbersToo) {
  World world({}, Epoch(UINT32_MAX));
  const auto execution = world.execute({register_product("A", 2), place_next({{sku("A"), 1}})});
  EXPECT_EQ(as_accepted(execution.answers[1]).subject.id, "4294967294000000001");
}

// ---- appends that do not happen ---------------------------------------------------------------------------

TEST(FailedSync, IsAnsweredUnknownAndChangesNothing) {
  World world;
  world.execute({register_product("A", 5)});
  world.log.fail_next_sync();
  const auto execution = world.execute({place("1", {{sku("A"), 1}}), abort_order("9")});

  ASSERT_TRUE(execution.fault.has_value());
  ASSERT_EQ(execution.answers.size(), 2U);
  EXPECT_EQ(rule_of(execution.answers[0]), Rule::outcome_unknown);
  EXPECT_EQ(rule_of(execution.answers[1]), Rule::outcome_unknown)
      << "it was decided on what may not be there";
  EXPECT_EQ(world.position(), 1U);
}

TEST(FailedSync, StopsTheLedgerForGood) {
  World world;
  world.log.fail_next_sync();
  world.execute({register_product("A", 5)});
  for (const Command& command : {register_product("B", 5), abort_order("1")}) {
    const auto later = world.execute({command});
    EXPECT_TRUE(later.fault.has_value());
    EXPECT_EQ(rule_of(later.answers[0]), Rule::outcome_unknown)
        << "a refusal, too, would rest on what may not be so";
  }
}

TEST(MovedLog, IsFoldedInAndTheCommandsAreDecidedAnew) {
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

TEST(MovedLog, IsNoticedByARefusalThatAppendsNothing) {
  World world;
  world.execute({register_product("A", 0)});
  world.catch_up();
  auto other = Ledger::open(world.log, world.views, {}).value();
  Command receiving = receive("A", 1);
  ASSERT_TRUE(accepted(other->execute({&receiving, 1}, UnixMillis(1'000)).answers[0]));

  EXPECT_TRUE(accepted(world.execute_one(place("1", {{sku("A"), 1}})))) << "the unit was acknowledged";
}

// ---- bounds -----------------------------------------------------------------------------------------------

TEST(CommitBounds, ACommitTakesAtLeastOneCommandAndNoMoreThanItsLines) {
  World world({.commit_lines = 2});
  std::vector<Command> commands{register_product("A", 10), register_product("B", 10)};
  for (const auto* order : {"1", "2", "3"}) commands.push_back(place(order, {{sku("A"), 1}, {sku("B"), 1}}));

  for (const std::size_t executed : {3U, 1U, 1U}) {
    EXPECT_EQ(world.execute(commands).answers.size(), executed);
    commands.erase(commands.begin(), commands.begin() + static_cast<std::ptrdiff_t>(executed));
  }
}

TEST(CommitBounds, ACommitTakesNoMoreThanItsCommands) {
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

Command any_command() {
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

RC_GTEST_PROP(Ledger, AnswersTheSameWhateverItKeepsInMemory, ()) {
  World remembers;
  World forgets({.cached_aggregates = 0, .commit_commands = 3});
  const auto commands = *rc::gen::container<std::vector<Command>>(rc::gen::exec(any_command));
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
