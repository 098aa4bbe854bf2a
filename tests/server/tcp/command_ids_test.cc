// A command id has one outcome for each caller, forever.
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

#include "server/ledger/admit.h"
#include "server/ledger/ledger.h"
#include "server/world.h"

namespace stockfold {
namespace {

TEST(CommandIds, ReturnSameAnswerForRepeatedCommand) {
  World world;
  world.execute({register_product("A", 5)});
  const Answer first = world.execute_one(with_id(place("1", {{sku("A"), 2}}), 7));
  const Answer again = world.execute_one(with_id(place("1", {{sku("A"), 2}}), 7));

  EXPECT_FALSE(first.replayed);
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.outcome, first.outcome);
  EXPECT_EQ(world.position(), 2U);
}

TEST(CommandIds, ExecuteDuplicateInOneCommitOnce) {
  World world;
  const auto command = with_id(register_product("A", 5), 7);
  const auto execution = world.execute({command, command});

  EXPECT_TRUE(accepted(execution.answers[0]));
  EXPECT_TRUE(execution.answers[1].replayed);
  EXPECT_EQ(execution.answers[1].outcome, execution.answers[0].outcome);
  EXPECT_EQ(world.position(), 1U);
}

TEST(CommandIds, SurviveRestart) {
  World world;
  const auto command = with_id(register_product("A", 5), 7);
  const Answer first = world.execute_one(command);
  world.restart();

  const Answer again = world.execute_one(command);
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.outcome, first.outcome);
}

TEST(CommandIds, KeepRefusalWhenCommandWouldNowSucceed) {
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

TEST(CommandIds, RefuseAnotherBodyUnderSameIdWithoutRecordingIt) {
  World world;
  world.execute({with_id(register_product("A", 5), 7)});
  const Answer reused = world.execute_one(with_id(register_product("B", 5), 7));

  EXPECT_EQ(rule_of(reused), Rule::command_id_reused);
  EXPECT_EQ(std::get<Refusal>(reused.outcome).obstacle, GlobalPosition(1));
  EXPECT_EQ(world.position(), 1U);
}

TEST(CommandIds, CompareExpectedVersionButNotActor) {
  World world;
  world.execute({with_id(expecting(register_product("A", 5), 0), 7)});

  EXPECT_EQ(rule_of(world.execute_one(with_id(register_product("A", 5), 7))), Rule::command_id_reused);
  auto by_somebody_else = with_id(expecting(register_product("A", 5), 0), 7);
  by_somebody_else.actor = "bob";
  EXPECT_TRUE(world.execute_one(by_somebody_else).replayed);
}

TEST(CommandIds, BelongToCallerProvenByToken) {
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

TEST(CommandIds, FindOneReceiptInMemoryAndAnotherInViews) {
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

TEST(CommandIds, SeparateTwoCallersInOneCommit) {
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

TEST(CommandIds, AllowSameIdForAnotherCaller) {
  World world;
  world.execute({proven(with_id(register_product("A", 5), 7), "shop-a")});
  EXPECT_TRUE(accepted(world.execute_one(proven(with_id(register_product("B", 5), 7), "shop-b"))));
  const Answer reused = world.execute_one(proven(with_id(register_product("C", 5), 7), "shop-b"));
  EXPECT_EQ(rule_of(reused), Rule::command_id_reused);
  EXPECT_EQ(std::get<Refusal>(reused.outcome).obstacle, GlobalPosition(2)) << "that of its own";
}

TEST(CommandIds, MatchEveryCallerWhenRecordedBeforeTokens) {
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

TEST(CommandIds, MatchOnlyNamedActorWhenRecordedBeforeTokens) {
  World world;
  Command command = with_id(register_product("A", 5), 7);
  command.actor = "shop-a";
  const Answer first = world.execute_one(command);
  EXPECT_EQ(world.execute_one(proven(command, "shop-a")).outcome, first.outcome);
  EXPECT_EQ(rule_of(world.execute_one(proven(command, "shop-b"))), Rule::product_exists);
}

TEST(CommandIds, KeepOneOutcomeOnceTokensAreRemoved) {
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

TEST(CommandIds, KeepOtherCallersReceiptsWhenCommitIsDropped) {
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

TEST(CommandIds, ReportWhenOutcomeWasDecided) {
  World world;
  const auto command = with_id(abort_order("1"), 7);
  EXPECT_EQ(world.execute_one(command).decided, std::nullopt);
  const Answer again = world.execute_one(command);
  EXPECT_EQ(again.decided, (DecidedBy{GlobalPosition(1), UnixMillis(1'000)}));
}

TEST(CommandIds, AreCheckedBeforeDiskSpace) {
  World world;
  world.execute({register_product("A", 0)});
  const auto refused = with_id(place("1", {{sku("A"), 1}}), 7);
  const auto received = with_id(receive("A", 1), 8);
  const Answer of_refused = world.execute_one(refused);
  const Answer of_received = world.execute_one(received);
  world.hold_back(Failure(ErrorCode::out_of_space, "the disk is full"));

  EXPECT_EQ(world.execute_one(refused).outcome, of_refused.outcome);
  EXPECT_EQ(world.execute_one(received).outcome, of_received.outcome);
  EXPECT_EQ(rule_of(world.execute_one(with_id(receive("A", 2), 8))), Rule::command_id_reused);
  const Answer no_room = world.execute_one(with_id(receive("A", 1), 9));
  EXPECT_EQ(error_code_of(no_room), ErrorCode::out_of_space);
  EXPECT_EQ(std::get<Failure>(no_room.outcome).detail, "the disk is full");
  EXPECT_EQ(error_code_of(world.execute_one(receive("A", 1))), ErrorCode::out_of_space);
  EXPECT_EQ(world.position(), 3U);

  world.hold_back(std::nullopt);
  EXPECT_TRUE(accepted(world.execute_one(with_id(receive("A", 1), 9)))) << "it left no trace";
}

TEST(CommandIds, AreCheckedWhenNoCommitIsPossible) {
  World world;
  const Command registered = with_id(register_product("A", 1), 7);
  const Answer first = world.execute_one(registered);
  const Failure clock(ErrorCode::clock_jumped, "the clock is wrong");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(world.tell_again(registered, clock).outcome, first.outcome);
    EXPECT_EQ(error_code_of(world.tell_again(with_id(receive("A", 1), 8), clock)), ErrorCode::clock_jumped);
    EXPECT_EQ(error_code_of(world.tell_again(receive("A", 1), clock)), ErrorCode::clock_jumped);
    world.restart();
  }
  EXPECT_TRUE(accepted(world.execute_one(with_id(receive("A", 1), 8)))) << "that was for these calls alone";
}

TEST(CommandIds, AreMalformedWhenAllZerosOrAllOnes) {
  for (const int byte : {0x00, 0xFF}) {
    Command command = with_id(register_product("A", 5), 1);
    command.identity->id.bytes.fill(static_cast<std::uint8_t>(byte));
    const auto refusal = admit(command);
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->code, ErrorCode::invalid_argument);
    EXPECT_EQ(refusal->detail, byte == 0 ? "command_id: an id of all zeros was never drawn"
                                         : "command_id: an id of all ones was never drawn");
  }
}

TEST(CommandIds, AreCheckedBeforeExpectedVersion) {
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

TEST(CommandIds, ReturnFirstOrderWhenAssignedOrderIsRetried) {
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

}  // namespace
}  // namespace stockfold
