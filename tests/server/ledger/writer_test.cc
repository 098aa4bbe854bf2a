// The queue of commands: what it accepts, what it refuses, and that it forgets what is done.
#include "server/ledger/writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "server/world.h"

namespace stockfold {
namespace {

class WritingClient final : public CommandSource {
 public:
  void answered(std::span<const Answer> answers) override {
    outcomes.insert(outcomes.end(), answers.begin(), answers.end());
  }
  void flush() override { ++flushes; }

  std::vector<Answer> outcomes;
  int flushes = 0;
};

Writer::Callbacks callbacks() {
  return {.now = [] { return UnixMillis(1'000); },
          .appended = [](GlobalPosition) {},
          .failed = [](const Fault& fault) { FAIL() << fault.what; }};
}

class CommandQueue : public testing::Test {
 protected:
  CommandQueue() { EXPECT_TRUE(ask(*caller_, register_product("A", 1'000'000))); }

  bool ask(WritingClient& caller, Command command, Writer::Turn turn = Writer::Turn::further) {
    EXPECT_FALSE(admit(command)) << "malformed";
    return writer_.submit(std::move(command), caller, turn);
  }
  /// How many further commands it accepts.
  int fill(WritingClient& caller, Writer::Turn turn = Writer::Turn::further) {
    int taken = 0;
    while (ask(caller, receive("A", 1), turn)) ++taken;
    return taken;
  }

  MemoryLog log_{LedgerId{.bytes = {1}}};
  MemoryViewStore store_{view_names()};
  Views views_{store_};
  std::unique_ptr<Ledger> ledger_ = Ledger::open(log_, views_, {.commit_commands = 10}).value();
  Writer writer_{*ledger_, {.queue_limit = 40, .queue_lines = 100}, callbacks()};
  std::shared_ptr<WritingClient> caller_ = std::make_shared<WritingClient>();
};

TEST_F(CommandQueue, ReservesLastQuarterForCallersWithNothingWaiting) {
  EXPECT_EQ(fill(*caller_), 29);  // and the product's
  const auto other = std::make_shared<WritingClient>();
  EXPECT_EQ(fill(*other, Writer::Turn::first), 10);
  EXPECT_FALSE(ask(*other, receive("A", 1), Writer::Turn::first));
}

TEST_F(CommandQueue, HasRoomAgainAfterExecution) {
  fill(*caller_);
  for (int commit = 0; commit < 100; ++commit) {
    writer_.commit();
    EXPECT_EQ(fill(*caller_), 10);
  }
  while (writer_.pending()) writer_.commit();
  EXPECT_EQ(caller_->outcomes.size(), 1'030U);
  for (const Answer& answer : caller_->outcomes) EXPECT_TRUE(accepted(answer));
}

TEST_F(CommandQueue, ExecutesNothingThatItRefusesAtShutdown) {
  fill(*caller_);
  const auto other = std::make_shared<WritingClient>();
  ASSERT_TRUE(ask(*other, receive("A", 1), Writer::Turn::first));
  writer_.commit();
  const GlobalPosition before = ledger_->position();
  const std::size_t done = caller_->outcomes.size();
  writer_.refuse_waiting(shutting_down());
  EXPECT_FALSE(writer_.pending());
  EXPECT_EQ(ledger_->position(), before);
  ASSERT_EQ(caller_->outcomes.size(), 30U) << "every command has an answer";
  for (std::size_t i = 0; i < caller_->outcomes.size(); ++i)
    EXPECT_EQ(accepted(caller_->outcomes[i]), i < done);
  EXPECT_EQ(writer_.load().lines, 0U);
  EXPECT_EQ(fill(*caller_), 30) << "there is room again";
  writer_.commit();
  EXPECT_TRUE(accepted(caller_->outcomes.at(30)));
}

TEST_F(CommandQueue, AnswersABatchInOneCall) {
  struct Batching final : CommandSource {
    void answered(std::span<const Answer> answers) override { calls.push_back(answers.size()); }
    void flush() override {}
    std::vector<std::size_t> calls;
  };
  const auto batching = std::make_shared<Batching>();
  const auto submit = [&](std::size_t commands) {
    std::vector<Command> batch(commands, receive("A", 1));
    return writer_.submit_batch(batch, true, *batching, Writer::Turn::first);
  };
  EXPECT_TRUE(submit(25));
  EXPECT_TRUE(submit(7)) << "there is room for its first command";
  EXPECT_TRUE(submit(9));
  EXPECT_FALSE(submit(1));
  writer_.commit();
  while (batching->calls.empty()) writer_.commit();
  writer_.refuse_waiting(shutting_down());
  EXPECT_EQ(batching->calls, (std::vector<std::size_t>{25, 16}));
}

TEST_F(CommandQueue, CountsWaitingLines) {
  const auto large = [](std::string_view order) {
    Lines lines;
    for (int i = 0; i < 60; ++i) lines.push_back({sku("B" + std::to_string(i)), 1});
    return place(order, std::move(lines));
  };
  for (int round = 0; round < 10; ++round) {
    EXPECT_TRUE(ask(*caller_, large("1")));
    EXPECT_TRUE(ask(*caller_, large("2")));
    EXPECT_FALSE(ask(*caller_, large("3"))) << "120 lines wait";
    while (writer_.pending()) writer_.commit();
  }
}

TEST_F(CommandQueue, TakesTurnsBetweenCallersWhenCommitsAreFull) {
  fill(*caller_);
  const auto other = std::make_shared<WritingClient>();
  EXPECT_TRUE(ask(*other, receive("A", 1), Writer::Turn::first));
  writer_.commit();
  EXPECT_EQ(other->outcomes.size(), 1U);
  EXPECT_EQ(caller_->outcomes.size(), 9U);
}

TEST_F(CommandQueue, ShortensCommitWhenHalfOfCallersNeedOnlyOne) {
  const auto ledger = Ledger::open(log_, views_, {}).value();
  Writer writer(*ledger, {}, callbacks());
  const auto bulk = std::make_shared<WritingClient>();
  for (int i = 0; i < 3'000; ++i) ASSERT_TRUE(writer.submit(receive("A", 1), *bulk, Writer::Turn::first));
  const auto one = std::make_shared<WritingClient>();
  ASSERT_TRUE(writer.submit(receive("A", 1), *one, Writer::Turn::first));
  writer.commit();
  EXPECT_EQ(one->outcomes.size(), 1U);
  EXPECT_EQ(bulk->outcomes.size(), 256U);
  writer.commit();
  EXPECT_EQ(bulk->outcomes.size(), 256U + 1'024U) << "no other client waits";
}

TEST_F(CommandQueue, DelaysClientInProportionToLinesOfItsOrder) {
  const auto ledger = Ledger::open(log_, views_, {}).value();
  Writer writer(*ledger, {}, callbacks());
  const auto ask = [&](WritingClient& caller, Command command) {
    EXPECT_FALSE(admit(command)) << "malformed";
    EXPECT_TRUE(writer.submit(std::move(command), caller, Writer::Turn::first));
  };
  Lines lines;
  for (int i = 0; i < 640; ++i) lines.push_back({sku("B" + std::to_string(i)), 1});
  const auto large = std::make_shared<WritingClient>();
  for (int order = 0; order < 30; ++order) ask(*large, place_next(lines));
  const auto small = std::make_shared<WritingClient>();
  for (std::size_t commit = 0; commit < 30; ++commit) {
    ask(*small, receive("A", 1));
    writer.commit();
    EXPECT_EQ(small->outcomes.size(), commit + 1) << "it is never behind a large order of later commits";
  }
  EXPECT_EQ(large->outcomes.size(), 3U) << "ten commits each: 640 lines are worth ten turns of 64";

  for (std::size_t commit = 0; commit < 15; ++commit) {
    writer.commit();
    EXPECT_EQ(large->outcomes.size(), 4 + commit) << "others may ask again, and are to wait for one at most";
  }
  writer.commit();
  writer.commit();
  EXPECT_EQ(large->outcomes.size(), 30U) << "without other clients a commit takes what it holds: seven";
}

/// A writer whose views may trail by three events, and trail further until the test reports their position.
class WriterAheadOfViews : public testing::Test {
 protected:
  bool ask(Command command) {
    EXPECT_FALSE(admit(command)) << "malformed";
    return writer_.submit(std::move(command), *caller_, Writer::Turn::further);
  }
  /// Asks and executes; returns where the log then ends, or 0 if the command was not accepted.
  std::uint64_t done(Command command) {
    if (!ask(std::move(command))) return 0;
    writer_.commit();
    EXPECT_TRUE(accepted(caller_->outcomes.back()));
    return log_.head().position.value();
  }

  MemoryLog log_{LedgerId{.bytes = {1}}};
  MemoryViewStore store_{view_names()};
  Views views_{store_};
  std::unique_ptr<Ledger> ledger_ = Ledger::open(log_, views_, {}).value();
  Writer writer_{*ledger_, {.max_view_lag = 3}, callbacks()};
  std::shared_ptr<WritingClient> caller_ = std::make_shared<WritingClient>();
};

TEST_F(WriterAheadOfViews, RefusesCommandsBeyondLagUntilViewsAdvance) {
  EXPECT_EQ(done(register_product("A", 1)), 1U);
  EXPECT_EQ(done(receive("A", 1)), 2U);
  EXPECT_EQ(done(receive("A", 1)), 3U);
  EXPECT_EQ(done(receive("A", 1)), 4U) << "three events behind is no more than they may be";
  EXPECT_FALSE(ask(receive("A", 1))) << "four are";
  EXPECT_FALSE(writer_.pending());

  writer_.views_reached(GlobalPosition(1));
  EXPECT_EQ(done(receive("A", 1)), 5U);
  EXPECT_FALSE(ask(receive("A", 1)));
  writer_.views_reached(GlobalPosition(5));
  for (std::uint64_t position = 6; position <= 9; ++position)
    EXPECT_EQ(done(receive("A", 1)), position) << "there is room for all of the lag again";
  EXPECT_FALSE(ask(receive("A", 1)));
}

TEST_F(WriterAheadOfViews, CountsRefusedCommandsWithoutQueuingThem) {
  for (std::uint64_t position = 1; position <= 4; ++position) {
    EXPECT_EQ(writer_.load().refused_behind, 0U);
    EXPECT_EQ(done(position == 1 ? register_product("A", 1) : receive("A", 1)), position);
  }
  for (int refused = 0; refused < 5; ++refused) EXPECT_FALSE(ask(receive("A", 1)));
  EXPECT_EQ(writer_.load().refused_behind, 5U);
  EXPECT_EQ(writer_.load().refused_full, 0U);
  EXPECT_EQ(writer_.load().commands, 0U);
  writer_.views_reached(GlobalPosition(4));
  EXPECT_EQ(done(receive("A", 1)), 5U);
  EXPECT_EQ(caller_->outcomes.size(), 5U);
  EXPECT_EQ(writer_.load().refused_behind, 5U);
}

TEST_F(CommandQueue, KeepsOrderOfEachCaller) {
  const auto other = std::make_shared<WritingClient>();
  for (Quantity of = 1; of <= 14; ++of) {
    for (WritingClient* caller : {caller_.get(), other.get()}) ASSERT_TRUE(ask(*caller, receive("A", of)));
  }
  while (writer_.pending()) writer_.commit();
  for (const WritingClient* caller : {caller_.get(), other.get()}) {
    std::vector<GlobalPosition> positions;
    for (const Answer& answer : caller->outcomes) positions.push_back(as_accepted(answer).position);
    EXPECT_TRUE(std::ranges::is_sorted(positions));
  }
}

TEST_F(CommandQueue, AnswersCallersInOrderAndFlushesAfterCommit) {
  const auto other = std::make_shared<WritingClient>();
  EXPECT_TRUE(ask(*other, receive("nothing", 1)));
  EXPECT_TRUE(ask(*caller_, receive("A", 1)));
  EXPECT_TRUE(ask(*other, receive("A", 1)));
  writer_.commit();
  ASSERT_EQ(other->outcomes.size(), 2U);
  EXPECT_EQ(rule_of(other->outcomes[0]), Rule::unknown_product);
  EXPECT_TRUE(accepted(other->outcomes[1]));
  EXPECT_EQ(caller_->outcomes.size(), 2U);
  EXPECT_GE(other->flushes, 1);
}

}  // namespace
}  // namespace stockfold
