// The judge accepts what is right, and says what is wrong with everything else.
#include "interleavings/judge.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "interleavings/own_ledger.h"

namespace stockfold {
namespace {

/// One unit: the first request takes it and gives it back; the second comes too late, or too early.
const World kWorld{{"register A 1"}, {{"place 1 A=1", 1}, {"place 2 A=1", 2}, {"abort 1"}}};

class JudgeTest : public testing::Test {
 protected:
  JudgeTest() {
    SteppedLog log(commit_of(kWorld.given), Without::nothing, [](Step) {});
    FoldedLogs folded(Without::nothing);
    OwnLedger ledger(log, folded);
    for (std::size_t client = 0; client < kWorld.requests.size(); ++client) {
      const std::uint64_t asked = log.end();
      const Answer answer = ledger.execute(command_of(kWorld.requests[client], client));
      ending_.told.emplace_back(Told{answer, asked, log.end()});
      ending_.again.emplace_back();
      if (kWorld.requests[client].command_id != 0) ending_.again[client] = Answer{answer.outcome, true};
    }
    ending_.log = log.disk().synced;
    ending_.state = {{"order 1", "aborted"}, {"product A", "1"}};
  }

  [[nodiscard]] std::string verdict() const { return judge(kWorld, ending_); }
  Accepted& accepted(std::size_t client) { return std::get<Accepted>(ending_.told[client]->answer.outcome); }
  Refusal& refused(std::size_t client) { return std::get<Refusal>(ending_.told[client]->answer.outcome); }

  /// The last commit, to be changed: its checksum is not judged here.
  Commit& last() {
    auto changed = std::make_shared<Commit>(*ending_.log.back());
    ending_.log.back() = changed;
    return *changed;
  }

  Ending ending_;
};

TEST_F(JudgeTest, AcceptsCorrectEnding) { EXPECT_EQ(verdict(), ""); }

TEST_F(JudgeTest, DetectsLostAcknowledgedCommand) {
  ending_.log.pop_back();
  EXPECT_EQ(verdict(), "request 3, abort 1, was acknowledged at position 4, and is lost");
}
TEST_F(JudgeTest, DetectsEventThatHappenedTwice) {
  ending_.log.push_back(ending_.log.back());
  last().events.front().position = GlobalPosition(5);
  EXPECT_EQ(verdict(), "abort 1 happened twice, at position 4 and position 5");
}
TEST_F(JudgeTest, DetectsGapInPositions) {
  last().events.front().position = GlobalPosition(5);
  EXPECT_EQ(verdict(), "position 4 is numbered 5");
}
TEST_F(JudgeTest, DetectsEventThatNoClientRequested) {
  last().events.front().actor.clear();
  EXPECT_EQ(verdict(), "position 4 belongs to no request");
}
TEST_F(JudgeTest, DetectsWrongVersion) {
  last().events.front().version = StreamVersion(3);
  EXPECT_EQ(verdict(), "the version of order 1 at position 4 is wrong");
}
TEST_F(JudgeTest, DetectsWrongStock) {
  std::get<OrderAborted>(last().events.front().event).lines.front().stock_after = 2;
  EXPECT_EQ(verdict(), "the stock of A after position 4 is wrong");
}
TEST_F(JudgeTest, DetectsEventThatDiffersFromRequest) {
  std::get<OrderAborted>(last().events.front().event).order = *OrderId::parse("2");
  EXPECT_EQ(verdict(), "position 4 is not what was asked for: abort 2");
}

TEST_F(JudgeTest, DetectsWrongAcceptance) {
  accepted(0).stock.front().stock = 1;
  EXPECT_EQ(verdict(), "request 1, place 1 A=1, was told something else than happened at position 2");
}
TEST_F(JudgeTest, DetectsWrongRefusal) {
  refused(1).actual = StreamVersion(1);
  EXPECT_EQ(verdict(), "request 2, place 2 A=1, was told something else than happened at position 3");
}
TEST_F(JudgeTest, DetectsRefusalOfCompletedCommand) {
  ending_.told[0]->answer.outcome = refused(1);
  EXPECT_EQ(verdict(), "request 1, place 1 A=1, was done at position 2, but was answered insufficient_stock");
}
TEST_F(JudgeTest, DetectsAnswerBeforeItsPosition) {
  ending_.told[0]->answered = 1;
  EXPECT_EQ(verdict(), "request 1, place 1 A=1, was answered before position 2 was there");
}
TEST_F(JudgeTest, DetectsAnswerWronglyMarkedAsReplay) {
  ending_.told[0]->answer.replayed = true;
  EXPECT_EQ(verdict(), "request 1, place 1 A=1, was told that it is a replay, and it is not");
}
TEST_F(JudgeTest, DetectsDifferentAnswerToRetry) {
  ending_.again[0]->replayed = false;
  EXPECT_EQ(verdict(), "request 1, place 1 A=1, has another answer when it is asked again");
}
TEST_F(JudgeTest, DetectsRefusalTrueOnlyBeforeTheRequest) {
  Refusal unknown = refuse(Rule::unknown_order, "");
  unknown.subject = StreamId::of(*OrderId::parse("1"));
  ending_.log.pop_back();
  ending_.state = {{"order 1", "in_progress"}, {"product A", "0"}};
  ending_.told[2] = Told{{unknown}, 1, 3};
  EXPECT_EQ(verdict(), "");
  ending_.told[2]->asked = 2;
  EXPECT_EQ(verdict(), "request 3, abort 1, was refused as unknown_order, which no position explains");
}

TEST_F(JudgeTest, ComparesFinalStockAndOrders) {
  ending_.state["product A"] = "2";
  EXPECT_EQ(verdict(),
            "a ledger that opens the log has order 1 aborted, product A 2, not order 1 aborted, product A 1");
}

}  // namespace
}  // namespace stockfold
