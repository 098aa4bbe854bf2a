// Reads of the log itself: positions at times, and events with their commits.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "server/queries/reads.h"
#include "server/running_server.h"
#include "server/world.h"

namespace stockfold {
namespace {

/// What a client assembles from the pages of a log.
struct Gathered {
  std::vector<RecordedEvent> events;
  std::vector<CommitExtent> commits;
  std::size_t pages = 0;
};

template <class ReadPage>
Gathered gather(ReadCommits request, ReadPage read_page) {
  Gathered gathered;
  for (;;) {
    const CommitsReply page = read_page(request);
    ++gathered.pages;
    gathered.events.insert(gathered.events.end(), page.events.begin(), page.events.end());
    for (const CommitExtent& commit : page.commits) {
      if (gathered.commits.empty() || gathered.commits.back() != commit) gathered.commits.push_back(commit);
    }
    if (!page.next) return gathered;
    request.from = *page.next;
  }
}

Gathered gather(const EventLog& log, const ReadCommits& request) {
  return gather(request, [&](const ReadCommits& page) { return read(log, page).value(); });
}

/// Three commits: of 1, 3 and 2 events.
struct ThreeCommits : World {
  ThreeCommits() {
    execute({register_product("A", 10)});
    execute({place("1", {{sku("A"), 1}}), place("2", {{sku("A"), 1}}), abort_order("1")});
    execute({fulfil_order("2"), receive("A", 5)});
  }
};

TEST(ReadingCommits, ReturnsStartAndLengthOfEachCommit) {
  const ThreeCommits world;
  const Gathered all = gather(world.log, {});
  const std::vector<CommitExtent> expected{
      {GlobalPosition(1), 1, Epoch(1)}, {GlobalPosition(2), 3, Epoch(1)}, {GlobalPosition(5), 2, Epoch(1)}};
  EXPECT_EQ(all.commits, expected);
  EXPECT_EQ(all.events.size(), 6U);
}

TEST(ReadingCommits, ReturnsTheSameForEveryPageSize) {
  const ThreeCommits world;
  const Gathered all = gather(world.log, {});
  for (std::uint32_t limit = 1; limit <= 6; ++limit) {
    const Gathered pages = gather(world.log, {.limit = limit});
    EXPECT_EQ(pages.pages, (6 + limit - 1) / limit);
    EXPECT_EQ(pages.events, all.events);
    EXPECT_EQ(pages.commits, all.commits);
  }
}

TEST(ReadingCommits, IncludesCommitsThatTheRangeCuts) {
  const ThreeCommits world;
  const Gathered middle = gather(world.log, {.from = GlobalPosition(3), .to = GlobalPosition(5)});
  EXPECT_EQ(middle.events.size(), 3U);
  EXPECT_EQ(middle.events.front().position, GlobalPosition(3));
  const std::vector<CommitExtent> expected{{GlobalPosition(2), 3, Epoch(1)},
                                           {GlobalPosition(5), 2, Epoch(1)}};
  EXPECT_EQ(middle.commits, expected);
}

TEST(ReadingCommits, ReturnsCreationTimeOfLedger) {
  const MemoryLog log(LedgerId{}, Epoch(1), UnixMillis(123));
  const CommitsReply reply = read(log, ReadCommits{}).value();
  EXPECT_EQ(reply.created, UnixMillis(123));
  EXPECT_TRUE(reply.events.empty() && !reply.next);
}

TEST(ReadingCommits, ReturnsAnsweredCommandsOverConnection) {
  RunningServer server;
  auto wire = server.connect();
  wire->execute(2, register_product("A", 10));
  wire->execute(3, place("1", {{sku("A"), 1}}));
  wire->send(4, ReadCommits{.limit = 1});
  const auto page = wire->receive_as<CommitsReply>(4);
  EXPECT_EQ(page.head, GlobalPosition(2));
  EXPECT_EQ(page.next, GlobalPosition(2));
  EXPECT_GT(page.created, UnixMillis(0));
  ASSERT_EQ(page.events.size(), 1U);
  EXPECT_EQ(page.commits, (std::vector<CommitExtent>{{GlobalPosition(1), 1, Epoch(1)}}));
}

TEST(FindingPosition, ReturnsPositionAtTimeOverConnection) {
  RunningServer server;
  auto wire = server.connect();
  const Answer registered = wire->execute(2, register_product("A", 10));
  const UnixMillis then = as_accepted(registered).time;
  wire->send(3, FindPosition{then});
  EXPECT_EQ(wire->receive_as<PositionReply>(3).position, GlobalPosition(1));
  wire->send(4, FindPosition{UnixMillis(then.value() - 1)});
  EXPECT_EQ(wire->receive_as<PositionReply>(4).position, GlobalPosition(0));
}

}  // namespace
}  // namespace stockfold
