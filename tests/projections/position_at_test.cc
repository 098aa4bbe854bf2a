#include "projections/position_at.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

#include "projections/history.h"

namespace stockfold {
namespace {

/// Logs a commit of this many events at a time.
void log_at(MemoryLog& log, std::int64_t time, std::size_t events) {
  Commit commit;
  commit.time = UnixMillis(time);
  const GlobalPosition head = log.head().position;
  for (std::size_t i = 1; i <= events; ++i) {
    const GlobalPosition position = head.plus(i);
    const std::string id = std::to_string(position.value());
    commit.events.push_back(
        {position, commit.time, StreamVersion(1), {}, "", ProductRegistered{sku(id), "", 1}});
  }
  ASSERT_TRUE(std::holds_alternative<Appended>(log.append(head, std::move(commit))));
}

TEST(PositionAt, IsTheEndOfLastCommitNotLater) {
  MemoryLog log(ledger_id(1));
  log_at(log, 1'000, 3);
  log_at(log, 2'000, 1);
  log_at(log, 2'000, 2);
  log_at(log, 3'000, 5);
  EXPECT_EQ(position_at(log, UnixMillis(0), log.head().position).value(), GlobalPosition(0));
  EXPECT_EQ(position_at(log, UnixMillis(999), log.head().position).value(), GlobalPosition(0));
  EXPECT_EQ(position_at(log, UnixMillis(1'000), log.head().position).value(), GlobalPosition(3));
  EXPECT_EQ(position_at(log, UnixMillis(1'999), log.head().position).value(), GlobalPosition(3));
  EXPECT_EQ(position_at(log, UnixMillis(2'000), log.head().position).value(), GlobalPosition(6));
  EXPECT_EQ(position_at(log, UnixMillis(2'999), log.head().position).value(), GlobalPosition(6));
  EXPECT_EQ(position_at(log, UnixMillis(3'000), log.head().position).value(), GlobalPosition(11));
  EXPECT_EQ(position_at(log, UnixMillis(9'000), log.head().position).value(), GlobalPosition(11));
}

TEST(PositionAt, IsZeroInEmptyLog) {
  EXPECT_EQ(position_at(MemoryLog(ledger_id(1)), UnixMillis(1), GlobalPosition(0)).value(),
            GlobalPosition(0));
}

RC_GTEST_PROP(PositionAt, MatchesWalkThroughTheLog, ()) {
  MemoryLog log(ledger_id(1));
  std::int64_t time = 0;
  std::vector<RecordedEvent> walked;
  for (int commits = *rc::gen::inRange(1, 30); commits > 0; --commits) {
    time += *rc::gen::inRange(0, 3);
    log_at(log, time, *rc::gen::inRange<std::size_t>(1, 6));
  }
  const auto cursor = log.read(GlobalPosition(1));
  for (auto commit = cursor->next().value(); commit; commit = cursor->next().value()) {
    walked.insert(walked.end(), commit->events.begin(), commit->events.end());
  }
  const UnixMillis asked(*rc::gen::inRange<std::int64_t>(0, time + 2));
  const auto not_later =
      std::ranges::count_if(walked, [&](const auto& event) { return event.time <= asked; });
  RC_ASSERT(position_at(log, asked, log.head().position).value().value() ==
            static_cast<std::uint64_t>(not_later));
}

}  // namespace
}  // namespace stockfold
