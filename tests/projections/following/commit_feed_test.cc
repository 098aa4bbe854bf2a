#include "projections/following/commit_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "projections/history.h"

namespace stockfold {
namespace {

/// The positions of all events that a cursor returns, up to its end.
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
  CommitFeed feed(history_.log(), 3, 2);
  std::vector<std::vector<GlobalPosition>> read(3);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < read.size(); ++i)
    threads.emplace_back([&, i] { read[i] = read_all(*feed.cursor(i)); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& positions : read) EXPECT_EQ(positions, up_to(history_.head()));
}

TEST_F(CommitFeedTest, ContinuesWithLaterAppends) {
  CommitFeed feed(history_.log(), 1, 1);
  const auto cursor = feed.cursor(0);
  given_receipts(history_, 2);
  EXPECT_EQ(read_all(*cursor), up_to(GlobalPosition(3)));
  given_receipts(history_, 1);
  EXPECT_EQ(read_all(*cursor), std::vector{GlobalPosition(4)});
}

TEST_F(CommitFeedTest, IsEmptyForEmptyLog) {
  History nothing;
  CommitFeed feed(nothing.log(), 1, 2);
  EXPECT_TRUE(read_all(*feed.cursor(0)).empty());
}

TEST_F(CommitFeedTest, ContinuesAfterAnotherCursorIsReleased) {
  for (int i = 0; i < 40'000; ++i) history_.decide(ReceiveStock{sku("A"), 1, ""});
  for (int i = 0; i < 2; ++i) {
    history_.commit();
    given_receipts(history_, 1'100);
  }
  CommitFeed feed(history_.log(), 2, 2);
  auto idle = feed.cursor(0);
  const auto cursor = feed.cursor(1);
  EXPECT_TRUE(cursor->next().has_value());
  idle.reset();
  EXPECT_EQ(read_all(*cursor).back(), history_.head());
}

TEST_F(CommitFeedTest, StopsWithUnreadCommits) {
  given_receipts(history_, 2'000);
  CommitFeed feed(history_.log(), 2, 2);
  const auto cursor = feed.cursor(0);
  EXPECT_TRUE(cursor->next().has_value());
}

// ---- several readers --------------------------------------------------------------------------------------

/// A log whose commits are changed as they are read; if a commit is removed, reading it is a fault.
class DamagedLog final : public EventLog {
 public:
  using Damage = std::function<bool(Commit&)>;  ///< False if the commit cannot be read.

  DamagedLog(EventLog& log, Damage damage) : log_(log), damage_(std::move(damage)) {}
  [[nodiscard]] Head head() const override { return log_.head(); }
  [[nodiscard]] UnixMillis created() const override { return log_.created(); }
  AppendResult append(GlobalPosition expected, Commit commit) override {
    return log_.append(expected, std::move(commit));
  }
  [[nodiscard]] std::unique_ptr<LogCursor> read(GlobalPosition from) const override {
    return std::make_unique<Cursor>(log_.read(from), damage_);
  }

 private:
  class Cursor final : public LogCursor {
   public:
    Cursor(std::unique_ptr<LogCursor> cursor, const Damage& damage)
        : cursor_(std::move(cursor)), damage_(damage) {}
    Result<std::shared_ptr<const Commit>> next() override {
      auto commit = cursor_->next();
      if (!commit || *commit == nullptr) return commit;
      auto damaged = std::make_shared<Commit>(**commit);
      if (!damage_(*damaged)) return std::unexpected(corruption((*commit)->first(), "damaged"));
      return damaged;
    }

   private:
    std::unique_ptr<LogCursor> cursor_;
    const Damage& damage_;
  };

  EventLog& log_;
  Damage damage_;
};

/// A log of several stretches, with commits of all sizes that cross their borders.
class CommitFeedReaderTest : public testing::Test {
 protected:
  CommitFeedReaderTest() {
    history_.happens(RegisterProduct{sku("A"), "", 0});
    const int sizes[] = {1, 70, 5'000, 3'100, 9'000, 21, 6'000, 1};
    for (const int size : sizes) {
      for (int i = 0; i < size; ++i) EXPECT_TRUE(history_.decide(ReceiveStock{sku("A"), 1, ""}));
      history_.commit();
    }
  }

  /// The hashes of all commits, and the fault after them.
  static std::pair<std::vector<CommitHash>, std::string> hashes(LogCursor& cursor) {
    std::vector<CommitHash> hashes;
    for (;;) {
      const auto commit = cursor.next();
      if (!commit) return {hashes, commit.error().what};
      if (*commit == nullptr) return {hashes, ""};
      hashes.push_back((*commit)->hash);
    }
  }

  History history_;
};

TEST_F(CommitFeedReaderTest, YieldsSameCommitsForAnyReaderCount) {
  const auto expected = hashes(*history_.log().read(GlobalPosition(1)));
  for (const std::size_t readers : {1U, 2U, 3U, 8U}) {
    CommitFeed feed(history_.log(), 1, readers);
    EXPECT_EQ(hashes(*feed.cursor(0)), expected) << readers << " readers";
  }
}

TEST_F(CommitFeedReaderTest, ReturnsCommitsBeforeFaultThenTheFault) {
  const auto all = hashes(*history_.log().read(GlobalPosition(1))).first;
  for (std::size_t broken = 0; broken < all.size(); ++broken) {
    const DamagedLog log(history_.log(), [&](const Commit& commit) { return commit.hash != all[broken]; });
    CommitFeed feed(log, 1, 3);
    const auto [read, fault] = hashes(*feed.cursor(0));
    EXPECT_THAT(read,
                testing::ElementsAreArray(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(broken)));
    EXPECT_EQ(fault, "damaged");
  }
}

TEST_F(CommitFeedReaderTest, DetectsEveryBrokenLink) {
  const auto all = hashes(*history_.log().read(GlobalPosition(1))).first;
  for (std::size_t broken = 0; broken < all.size(); ++broken) {
    const DamagedLog log(history_.log(), [&](Commit& commit) {
      if (commit.hash == all[broken]) commit.previous.bytes.front() ^= 1U;
      return true;
    });
    CommitFeed feed(log, 1, 3);
    const auto [read, fault] = hashes(*feed.cursor(0));
    EXPECT_THAT(read,
                testing::ElementsAreArray(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(broken)));
    EXPECT_THAT(fault, testing::StartsWith("the chain is broken at "));
  }
}

}  // namespace
}  // namespace stockfold
