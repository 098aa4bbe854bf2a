#include "projections/commit_feed.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "projections/history.h"

namespace stockfold {
namespace {

/// The positions of all events that a cursor gives, up to its end.
std::vector<GlobalPosition> read_all(LogCursor& cursor) {
  std::vector<GlobalPosition> positions;
  for (;;) {
    const auto commit = cursor.next();
    if (!commit) ADD_FAILURE() << commit.error().what;
    if (!commit || *commit == nullptr) return positions;
    for (const RecordedEvent& event : (*commit)->events) positions.push_back(event.position);
  }
}

std::vector<GlobalPosition> up_to(GlobalPosition last) {
  std::vector<GlobalPosition> positions;
  for (GlobalPosition at(1); at <= last; at = at.next()) positions.push_back(at);
  return positions;
}

void given_receipts(History& history, int count) {
  for (int i = 0; i < count; ++i) history.happens(ReceiveStock{sku("A"), 1, ""});
}

class CommitFeedTest : public testing::Test {
 protected:
  CommitFeedTest() { history_.happens(RegisterProduct{sku("A"), "", 0}); }

  History history_;
};

TEST_F(CommitFeedTest, GivesEveryCursorEveryCommitInOrder) {
  given_receipts(history_, 3'000);
  CommitFeed feed(history_.log(), 3);
  std::vector<std::vector<GlobalPosition>> read(3);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < read.size(); ++i)
    threads.emplace_back([&, i] { read[i] = read_all(*feed.cursor(i)); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& positions : read) EXPECT_EQ(positions, up_to(history_.head()));
}

TEST_F(CommitFeedTest, GoesOnWithWhatIsAppendedAfterItsEnd) {
  CommitFeed feed(history_.log(), 1);
  const auto cursor = feed.cursor(0);
  given_receipts(history_, 2);
  EXPECT_EQ(read_all(*cursor), up_to(GlobalPosition(3)));
  given_receipts(history_, 1);
  EXPECT_EQ(read_all(*cursor), std::vector{GlobalPosition(4)});
}

TEST_F(CommitFeedTest, OfAnEmptyLogIsEmpty) {
  History nothing;
  CommitFeed feed(nothing.log(), 1);
  EXPECT_TRUE(read_all(*feed.cursor(0)).empty());
}

TEST_F(CommitFeedTest, ACursorThatIsLetGoHoldsNobodyUp) {
  for (int i = 0; i < 40'000; ++i) history_.decide(ReceiveStock{sku("A"), 1, ""});
  for (int i = 0; i < 2; ++i) {
    history_.commit();
    given_receipts(history_, 1'100);
  }
  CommitFeed feed(history_.log(), 2);
  auto idle = feed.cursor(0);
  const auto cursor = feed.cursor(1);
  EXPECT_TRUE(cursor->next().has_value());
  idle.reset();
  EXPECT_EQ(read_all(*cursor).back(), history_.head());
}

TEST_F(CommitFeedTest, EndsWithoutBeingRead) {
  given_receipts(history_, 2'000);
  CommitFeed feed(history_.log(), 2);
  const auto cursor = feed.cursor(0);
  EXPECT_TRUE(cursor->next().has_value());
}

}  // namespace
}  // namespace stockfold
