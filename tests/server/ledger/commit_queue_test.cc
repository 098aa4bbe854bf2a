// What a commit takes of the waiting commands: a test for each rule at the head of commit_queue.h.
#include "server/ledger/commit_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/ledger/batch.h"
#include "server/world.h"

namespace stockfold {
namespace {

using std::chrono::milliseconds;

constexpr QueueLimits kWide{
    .queue_commands = 65'536, .queue_lines = 1'000'000, .commit_commands = 1'024, .commit_lines = 4'096};

/// An order of this many lines.
Command order_of(int lines) {
  Lines of;
  for (int line = 0; line < lines; ++line) of.push_back({sku("B" + std::to_string(line)), 1});
  return place_next(std::move(of));
}

/// A queue whose clients are letters.
class Queue {
 public:
  explicit Queue(const QueueLimits& limits = kWide) : queue_(limits) {}

  void add(char client, Command command, CommitQueue<char>::TimePoint asked = {}) {
    queue_.add(ClientId(static_cast<std::uint64_t>(client)), client, std::move(command), asked);
  }
  /// Adds commands about stock, numbered from 1 within their client.
  void add_many(char client, int commands) {
    for (int i = 0; i < commands; ++i) add(client, receive("A", ++numbers_[client]));
  }

  /// The clients whose commands the next commit takes and executes: "aab" means two of a and one of b.
  std::string commit() {
    queue_.take_commit();
    std::string clients;
    for (const auto& run : queue_.runs()) clients.append(run.commands, run.client);
    EXPECT_EQ(clients.size(), queue_.taken().size());
    EXPECT_EQ(clients.size(), queue_.asked().size());
    queue_.executed(clients.size());
    return clients;
  }
  /// Adds a batch of commands about stock.
  void add_batch(char client, std::size_t commands) {
    std::vector<Command> batch(commands, receive("A", 1));
    join_batch(batch, false);
    for (Command& command : batch) add(client, std::move(command));
  }
  CommitQueue<char>* operator->() { return &queue_; }

 private:
  CommitQueue<char> queue_;
  std::unordered_map<char, Quantity> numbers_;
};

std::string times(std::size_t count, char client) { return std::string(count, client); }

std::vector<Quantity> quantities(std::span<const Command> commands) {
  std::vector<Quantity> quantities;
  for (const Command& command : commands) quantities.push_back(std::get<ReceiveStock>(command.body).quantity);
  return quantities;
}

// ---- who waits --------------------------------------------------------------------------------------------

TEST(CommitQueue, KeepsTheOrderOfEachClient) {
  Queue queue;
  for (int round = 0; round < 3; ++round) {
    queue.add_many('a', 1);
    queue.add_many('b', 1);
  }
  queue->take_commit();
  EXPECT_EQ(quantities(queue->taken()), (std::vector<Quantity>{1, 2, 3, 1, 2, 3}));
}

TEST(CommitQueue, KeepsTheOrderOfAClientOverManyCommits) {
  Queue queue({.queue_commands = 1'000, .queue_lines = 1, .commit_commands = 10, .commit_lines = 1});
  queue.add_many('a', 100);
  std::vector<Quantity> all;
  while (queue->commands() > 0) {
    queue->take_commit();
    EXPECT_GE(queue->taken().size(), 10U);
    std::ranges::copy(quantities(queue->taken().first(10)), std::back_inserter(all));
    queue->executed(10);
  }
  EXPECT_EQ(all.size(), 100U);
  EXPECT_TRUE(std::ranges::is_sorted(all));
}

TEST(CommitQueue, IsFullAtItsLimitOfCommands) {
  Queue queue({.queue_commands = 8, .queue_lines = 100, .commit_commands = 8, .commit_lines = 100});
  queue.add_many('a', 7);
  EXPECT_TRUE(queue->has_room(QueueTurn::first));
  queue.add_many('b', 1);
  EXPECT_FALSE(queue->has_room(QueueTurn::first));
}

TEST(CommitQueue, IsFullAtItsLimitOfLines) {
  Queue queue({.queue_commands = 8, .queue_lines = 100, .commit_commands = 8, .commit_lines = 100});
  queue.add('a', order_of(99));
  EXPECT_TRUE(queue->has_room(QueueTurn::first));
  queue.add('b', order_of(1));
  EXPECT_FALSE(queue->has_room(QueueTurn::first));
}

TEST(CommitQueue, KeepsItsLastQuarterForClientsWithoutCommands) {
  Queue queue({.queue_commands = 8, .queue_lines = 100, .commit_commands = 8, .commit_lines = 100});
  queue.add_many('a', 5);
  EXPECT_TRUE(queue->has_room(QueueTurn::further));
  queue.add_many('a', 1);
  EXPECT_FALSE(queue->has_room(QueueTurn::further));
  EXPECT_TRUE(queue->has_room(QueueTurn::first));
}

TEST(CommitQueue, CountsWhatIsTakenUntilItIsExecuted) {
  Queue queue;
  queue.add('a', order_of(3));
  queue.add_many('a', 1);
  queue->take_commit();
  EXPECT_EQ(queue->commands(), 2U);
  EXPECT_EQ(queue->lines(), 3U);
  queue->executed(1);
  EXPECT_EQ(queue->commands(), 1U);
  EXPECT_EQ(queue->lines(), 0U);
  queue->executed(1);
  EXPECT_EQ(queue->commands(), 0U);
}

TEST(CommitQueue, RemembersWhenEachCommandCame) {
  Queue queue;
  const CommitQueue<char>::TimePoint start{};
  queue.add('a', receive("A", 1), start + milliseconds(1));
  queue.add('b', receive("A", 1), start + milliseconds(2));
  queue.add('a', receive("A", 1), start + milliseconds(3));
  queue->take_commit();
  EXPECT_EQ(std::vector(queue->asked().begin(), queue->asked().end()),
            (std::vector{start + milliseconds(1), start + milliseconds(3), start + milliseconds(2)}));
}

// ---- what a commit takes ----------------------------------------------------------------------------------

TEST(CommitQueue, TakesFirstWhatTheCommitBeforeDidNotExecute) {
  Queue queue;
  queue.add_many('a', 3);
  queue.add_many('b', 2);
  queue->take_commit();
  queue->executed(2);
  queue.add_many('c', 1);
  queue->take_commit();
  EXPECT_EQ(quantities(queue->taken()), (std::vector<Quantity>{3, 1, 2, 1}));
  ASSERT_EQ(queue->runs().size(), 3U);
  EXPECT_EQ(queue->runs()[0].client, 'a');
  EXPECT_EQ(queue->runs()[0].commands, 1U);
  EXPECT_EQ(queue->runs()[1].client, 'b');
  EXPECT_EQ(queue->runs()[2].client, 'c');
}

TEST(CommitQueue, TakesAllThatWaitsWhereItFitsIntoOneCommit) {
  Queue queue;
  queue.add_many('a', 900);
  queue.add_many('b', 124);
  EXPECT_EQ(queue.commit(), times(900, 'a') + times(124, 'b'));
}

TEST(CommitQueue, GivesTurnsOfFourCommandsWhereMoreWaitsThanFits) {
  Queue queue({.queue_commands = 100, .queue_lines = 100, .commit_commands = 10, .commit_lines = 100});
  queue.add_many('a', 20);
  queue.add_many('b', 20);
  EXPECT_EQ(queue.commit(), "aaaabbbbaaaa");
  EXPECT_EQ(queue.commit(), "bbbbaaaabbbb") << "the next commit goes on where the one before ended";
}

TEST(CommitQueue, EndsATurnAtSixtyFourLines) {
  Queue queue({.queue_commands = 100, .queue_lines = 1'000, .commit_commands = 100, .commit_lines = 128});
  for (int order = 0; order < 3; ++order) {
    queue.add('a', order_of(40));
    queue.add('b', order_of(40));
  }
  EXPECT_EQ(queue.commit(), "aabb") << "a second order begins within the turn, a third does not";
}

TEST(CommitQueue, EndsATurnAtALargeOrder) {
  Queue queue;
  queue.add_many('a', 1);
  queue.add('a', order_of(65));
  queue.add_many('a', 1);
  queue.add_many('b', 1);
  EXPECT_EQ(queue.commit(), "aab");
  queue.add_many('b', 1);
  EXPECT_EQ(queue.commit(), "ab") << "65 lines are one turn";
}

TEST(CommitQueue, LargeOrderDelaysItsClientInProportionToItsLines) {
  Queue queue;
  queue.add('a', order_of(256));
  queue.add_many('a', 1);
  queue.add_many('b', 1);
  EXPECT_EQ(queue.commit(), "ab");
  for (int commit = 1; commit < 4; ++commit) {
    queue.add_many('b', 1);
    EXPECT_EQ(queue.commit(), "b");
  }
  queue.add_many('b', 1);
  EXPECT_EQ(queue.commit(), "ab") << "four commits later: 256 lines are four times 64";
}

TEST(CommitQueue, DelaysAClientThatHadNothingElseWaiting) {
  Queue queue;
  queue.add('a', order_of(192));
  EXPECT_EQ(queue.commit(), "a");
  queue.add_many('a', 1);
  for (int commit = 1; commit < 3; ++commit) {
    queue.add_many('b', 1);
    EXPECT_EQ(queue.commit(), "b");
  }
  queue.add_many('b', 1);
  EXPECT_EQ(queue.commit(), "ab");
}

TEST(CommitQueue, ForgetsTheDelayOfAClientThatDoesNotReturn) {
  Queue queue;
  queue.add('a', order_of(192));
  queue.commit();
  for (int commit = 0; commit < 3; ++commit) {
    queue.add_many('b', 1);
    queue.commit();
  }
  queue.add_many('a', 1);
  queue.add_many('b', 1);
  EXPECT_EQ(queue.commit(), "ab");
}

TEST(CommitQueue, EndsShortWhenFirstTurnsEmptyHalfTheClients) {
  Queue queue;
  queue.add_many('a', 2'000);
  queue.add_many('b', 1);
  EXPECT_EQ(queue.commit().size(), 257U) << "the turn that reaches 256 has four";
  EXPECT_EQ(queue.commit().size(), 1'024U) << "b no longer waits";
}

TEST(CommitQueue, IsNotShortWhereFewerThanHalfAreEmptied) {
  Queue queue;
  queue.add_many('a', 2'000);
  queue.add_many('b', 2'000);
  queue.add_many('c', 1);
  EXPECT_EQ(queue.commit().size(), 1'024U + 1);
}

TEST(CommitQueue, TakesOneLargeOrderAloneWhereOthersWereServedLately) {
  Queue queue;
  queue.add_many('b', 1);
  EXPECT_EQ(queue.commit(), "b");
  for (int order = 0; order < 3; ++order) queue.add('a', order_of(640));
  for (int commit = 0; commit < 3; ++commit) EXPECT_EQ(queue.commit(), "a");
}

TEST(CommitQueue, TakesManyLargeOrdersAfterSixteenCommitsWithoutOthers) {
  Queue queue;
  queue.add_many('b', 1);
  EXPECT_EQ(queue.commit(), "b");
  for (int order = 0; order < 40; ++order) queue.add('a', order_of(640));
  queue.commit();
  for (int commit = 2; commit < 16; ++commit) EXPECT_EQ(queue.commit(), "a");
  EXPECT_EQ(queue.commit(), times(7, 'a')) << "7 × 640 lines are the first to reach 4,096";
}

TEST(CommitQueue, TakesTheWholeOfABatchInOneTurn) {
  Queue queue({.queue_commands = 100, .queue_lines = 100, .commit_commands = 10, .commit_lines = 100});
  queue.add_many('a', 2);
  queue.add_batch('a', 12);
  queue.add_many('b', 20);
  EXPECT_EQ(queue.commit(), times(14, 'a')) << "the turn that reaches the end of the commit is whole";
}

TEST(CommitQueue, BatchDelaysItsClientInProportionToItsCommands) {
  Queue queue;
  queue.add_batch('a', 16);
  queue.add_many('a', 1);
  for (int commit = 0; commit < 4; ++commit) {
    queue.add_many('b', 1);
    EXPECT_EQ(queue.commit(), commit == 0 ? times(16, 'a') + "b" : "b") << "16 commands are four turns";
  }
  queue.add_many('b', 1);
  EXPECT_EQ(queue.commit(), "ab");
}

TEST(CommitQueue, BatchOfOneTurnDelaysNothing) {
  Queue queue;
  queue.add_batch('a', 4);
  queue.add_batch('a', 4);
  queue.add_many('b', 1);
  EXPECT_EQ(queue.commit(), "aaaaaaaab");
}

TEST(CommitQueue, BatchDelaysItsClientByItsLinesWhereTheyAreMore) {
  Queue queue;
  std::vector<Command> batch{order_of(64), order_of(64), order_of(64)};
  join_batch(batch, true);
  for (const Command& command : batch) queue.add('a', command);
  queue.add_many('a', 1);
  for (const char* taken : {"aaab", "b", "b", "ab"}) {
    queue.add_many('b', 1);
    EXPECT_EQ(queue.commit(), taken);
  }
}

TEST(CommitQueue, TakesBatchesOneAfterTheOtherWhereNobodyElseWaits) {
  Queue queue;
  for (int batch = 0; batch < 3; ++batch) queue.add_batch('a', 1'000);
  queue.add_many('b', 1);
  EXPECT_EQ(queue.commit(), times(1'000, 'a') + "b");
  EXPECT_EQ(queue.commit(), times(1'000, 'a')) << "another client may ask again";
  EXPECT_EQ(queue.commit(), times(1'000, 'a'));
}

// ---- what is removed --------------------------------------------------------------------------------------

TEST(CommitQueue, RemovesAllAndSaysWhoseItWas) {
  Queue queue({.queue_commands = 100, .queue_lines = 100, .commit_commands = 4, .commit_lines = 100});
  queue.add_many('a', 6);
  queue.add_many('b', 1);
  queue->take_commit();
  queue->executed(1);
  std::string clients;
  for (const auto& run : queue->remove_all()) clients.append(run.commands, run.client);
  EXPECT_EQ(clients, "aaabaa");
  EXPECT_EQ(queue->commands(), 0U);
  EXPECT_EQ(queue->lines(), 0U);
  EXPECT_TRUE(queue->taken().empty());
}

TEST(CommitQueue, TakesCommandsAgainOnceAllWereRemoved) {
  Queue queue;
  queue.add_many('a', 6);
  queue->remove_all();
  queue.add_many('b', 1);
  queue.add_many('a', 2);
  EXPECT_EQ(queue.commit(), "baa");
}

/// Clients come and go by the thousand, with and without large orders.
TEST(CommitQueue, TakesEveryCommandOnce) {
  CommitQueue<std::uint64_t> queue(kWide);
  std::unordered_map<std::uint64_t, std::size_t> added;
  std::unordered_map<std::uint64_t, std::size_t> taken;
  std::uint64_t chance = 1;
  const auto below = [&chance](std::uint64_t limit) {
    chance = chance * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    return (chance >> 33U) % limit;
  };
  const auto commit = [&] {
    queue.take_commit();
    ASSERT_FALSE(queue.taken().empty());
    std::size_t left = 1 + below(queue.taken().size());
    const std::size_t executed = left;
    for (const auto& run : queue.runs()) {
      const std::size_t count = std::min(left, run.commands);
      taken[run.client] += count;
      left -= count;
    }
    queue.executed(executed);
  };
  for (int step = 0; step < 20'000; ++step) {
    const std::uint64_t client = below(1'000);
    queue.add(ClientId(client), client, below(50) == 0 ? order_of(65 + step % 200) : receive("A", 1), {});
    ++added[client];
    if (below(20) == 0) commit();
  }
  while (queue.commands() > 0) commit();
  EXPECT_EQ(taken, added);
  EXPECT_EQ(queue.lines(), 0U);
}

}  // namespace
}  // namespace stockfold
