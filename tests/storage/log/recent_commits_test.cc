#include "storage/log/recent_commits.h"

#include <gtest/gtest.h>

#include <memory>

#include "storage/samples.h"

namespace stockfold {
namespace {

std::shared_ptr<const Commit> commit(std::uint64_t after, std::size_t count) {
  return std::make_shared<const Commit>(commit_after(GlobalPosition(after), count));
}

TEST(RecentCommits, FindsCommitByEveryPositionInIt) {
  RecentCommits recent(1U << 20);
  const auto first = commit(10, 3);
  const auto second = commit(13, 1);
  recent.add(first);
  recent.add(second);
  EXPECT_EQ(recent.find(GlobalPosition(10)), nullptr);
  for (const std::uint64_t at : {11U, 12U, 13U}) EXPECT_EQ(recent.find(GlobalPosition(at)), first);
  EXPECT_EQ(recent.find(GlobalPosition(14)), second);
  EXPECT_EQ(recent.find(GlobalPosition(15)), nullptr);
}

TEST(RecentCommits, EvictsOlderCommits) {
  RecentCommits recent(100 * sizeof(RecordedEvent));
  for (std::uint64_t after = 0; after < 1'000; after += 10) recent.add(commit(after, 10));
  EXPECT_EQ(recent.find(GlobalPosition(1)), nullptr);
  EXPECT_EQ(recent.find(GlobalPosition(900)), nullptr);
  EXPECT_NE(recent.find(GlobalPosition(1'000)), nullptr);
}

TEST(RecentCommits, DoesNotHoldCommitLargerThanBudget) {
  RecentCommits recent(sizeof(RecordedEvent));
  recent.add(commit(0, 10));
  EXPECT_EQ(recent.find(GlobalPosition(1)), nullptr);
}

}  // namespace
}  // namespace stockfold
