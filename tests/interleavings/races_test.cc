// Requests that race: every interleaving of them, with several writers on one log, and with the one writer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "interleavings/explore.h"
#include "interleavings/scheduler.h"
#include "interleavings/worlds.h"

namespace stockfold {
namespace {

using testing::UnorderedElementsAre;

constexpr Writers kAllWriters[] = {Writers::own, Writers::standing, Writers::one};

// ---- the scheduler ----------------------------------------------------------------------------------------

TEST(Fibers, TakeTurnsInEveryOrder) {
  std::set<std::string> orders;
  std::size_t runs = 0;
  Choices choices;
  do {
    std::string order;
    Fibres fibres;
    for (const char name : {'a', 'b', 'c'}) {
      fibres.start([&fibres, &order, name] {
        for (int step = 0; step < 2; ++step) {
          fibres.barrier(Step::read);
          order += name;
        }
      });
    }
    while (true) {
      std::vector<std::size_t> waiting;
      for (std::size_t fibre = 0; fibre < fibres.size(); ++fibre) {
        if (fibres.next(fibre)) waiting.push_back(fibre);
      }
      if (waiting.empty()) break;
      fibres.run(waiting[choices.choose(waiting.size())]);
    }
    orders.insert(order);
    ++runs;
  } while (choices.next());
  EXPECT_EQ(runs, 90U) << "6! / (2! 2! 2!)";
  EXPECT_EQ(orders.size(), 90U) << "each once";
}

// ---- pairs that are known to be dangerous -----------------------------------------------------------------

/// The possible answers, with any kind of writer. Nothing goes wrong in any interleaving of any step.
std::set<std::string> outcomes_of(const World& world) {
  std::set<std::string> outcomes;
  for (const Writers writers : kAllWriters) {
    const auto found = explore(world, {.writers = writers});
    EXPECT_FALSE(found.counterexample) << *found.counterexample;
    EXPECT_GT(found.interleavings, 1U);
    outcomes.insert(found.outcomes.begin(), found.outcomes.end());
  }
  return outcomes;
}

std::vector<Request> both(const std::string& words) { return {{words, 1}, {words, 2}}; }

TEST(Races, OneOfTwoOrdersGetsTheLastUnit) {
  EXPECT_THAT(outcomes_of({{"register A 1"}, {{"place 1 A=1"}, {"place 2 A=1"}}}),
              UnorderedElementsAre("accepted at 2; insufficient_stock", "insufficient_stock; accepted at 2"));
}

TEST(Races, OrderIsAbortedOnce) {
  EXPECT_THAT(
      outcomes_of({{"register A 1", "place 1 A=1"}, both("abort 1")}),
      UnorderedElementsAre("accepted at 3; order_already_aborted", "order_already_aborted; accepted at 3"));
}

TEST(Races, OrderIsAbortedOrFulfilledNotBoth) {
  EXPECT_THAT(
      outcomes_of({{"register A 1", "place 1 A=1"}, {{"abort 1"}, {"fulfil 1"}}}),
      UnorderedElementsAre("accepted at 3; order_already_aborted", "order_already_fulfilled; accepted at 3"));
}

TEST(Races, OverlappingOrdersTakeAllOrNothing) {
  const std::vector<std::string> given{"register A 1", "register B 1", "register C 1"};
  EXPECT_THAT(outcomes_of({given, {{"place 1 A=1 B=1"}, {"place 2 B=1 C=1"}}}),
              UnorderedElementsAre("accepted at 4; insufficient_stock", "insufficient_stock; accepted at 4"));
}

TEST(Races, DraftIsPlacedOnce) {
  EXPECT_THAT(outcomes_of({{"register A 2", "draft 1 A=1"}, both("place 1")}),
              UnorderedElementsAre("accepted at 3; order_not_draft", "order_not_draft; accepted at 3"));
}

TEST(Races, TwoOrdersGetDifferentNumbers) {
  EXPECT_THAT(outcomes_of({{"register A 2"}, both("place A=1")}),
              UnorderedElementsAre("accepted at 2; accepted at 3", "accepted at 3; accepted at 2"));
}

TEST(Races, CommandIdTakesEffectOnce) {
  EXPECT_THAT(outcomes_of({{"register A 1"}, {{"receive A 1", 1}, {"receive A 1", 1}}}),
              UnorderedElementsAre("accepted at 2; accepted at 2, as before",
                                   "accepted at 2, as before; accepted at 2"));
}

TEST(Races, CommandIdIsRefusedForSecondCommand) {
  EXPECT_THAT(outcomes_of({{"register A 1"}, {{"receive A 1", 1}, {"write_off A 1", 1}}}),
              UnorderedElementsAre("accepted at 2; command_id_reused", "command_id_reused; accepted at 2"));
}

TEST(Races, ExpectedVersionMatchesOnce) {
  EXPECT_THAT(outcomes_of({{"register A 1"}, both("receive A 1 expecting 1")}),
              UnorderedElementsAre("accepted at 2; version_conflict", "version_conflict; accepted at 2"));
}

TEST(Races, StockIsWrittenOffOnlyAfterItIsReceived) {
  EXPECT_THAT(outcomes_of({{"register A 0"}, {{"receive A 1"}, {"write_off A 1"}}}),
              UnorderedElementsAre("accepted at 2; accepted at 3", "accepted at 2; insufficient_stock"));
}

TEST(Races, OneOfThreeOrdersGetsTheLastUnit) {
  EXPECT_THAT(outcomes_of({{"register A 1"}, {{"place 1 A=1"}, {"place 2 A=1"}, {"place 3 A=1"}}}),
              UnorderedElementsAre("accepted at 2; insufficient_stock; insufficient_stock",
                                   "insufficient_stock; accepted at 2; insufficient_stock",
                                   "insufficient_stock; insufficient_stock; accepted at 2"));
}

// ---- every pair -------------------------------------------------------------------------------------------

void hold(const std::vector<World>& worlds, Writers writers) {
  for (const World& world : worlds) {
    const auto found = explore(world, {.writers = writers, .once = true});
    EXPECT_FALSE(found.counterexample) << *found.counterexample;
  }
}

TEST(RequestPairs, AreExplainedByLogOnOwnWriters) {
  hold(worlds_of(shop(), shop_words(), 2, Ids::own), Writers::own);
}
TEST(RequestPairs, AreExplainedByLogOnStandingWriters) {
  hold(one_in(4, worlds_of(shop(), shop_words(), 2, Ids::none)), Writers::standing);
}
TEST(RequestPairs, AreExplainedByLogOnOneWriter) {
  hold(one_in(4, worlds_of(shop(), shop_words(), 2, Ids::own)), Writers::one);
}
TEST(RequestPairs, HaveOneOutcomeUnderOneCommandId) {
  hold(one_in(5, worlds_of(shop(), shop_words(), 2, Ids::same)), Writers::standing);
}

TEST(RequestTriples, AreExplainedByLog) {
  const World aborts{{"register A 1", "place 1 A=1"}, {{"abort 1", 1}, {"abort 1", 2}, {"place 2 A=1", 3}}};
  const World lines{{"register A 1", "register B 1", "register C 1"},
                    {{"place 1 A=1 B=1"}, {"place 2 B=1 C=1"}, {"place 3 A=1 C=1"}}};
  const World draft{{"register A 2", "draft 1 A=1"}, {{"place 1", 1}, {"place 1", 2}, {"abort 1", 3}}};
  const World ids{{"register A 1"}, {{"receive A 1", 1}, {"receive A 1", 1}, {"write_off A 2", 1}}};
  hold({aborts, lines}, Writers::own);
  hold({aborts, lines, draft, ids}, Writers::one);
}

TEST(Explorer, FindsSameOutcomesWithoutReorderingInvisibleSteps) {
  const World world{{"register A 1", "place 1 A=1"}, {{"abort 1", 1}, {"place 2 A=1"}}};
  for (const Writers writers : kAllWriters) {
    const auto all = explore(world, {.writers = writers, .every_step = true});
    const auto seen = explore(world, {.writers = writers});
    EXPECT_FALSE(all.counterexample) << *all.counterexample;
    EXPECT_EQ(seen.outcomes, all.outcomes);
    EXPECT_LT(seen.interleavings, all.interleavings);
  }
}

/// Both ways find the same; returns the number of interleavings taken once each, and taken in all orders.
std::pair<std::uint64_t, std::uint64_t> taken(const World& world, Exploring how) {
  const auto all = explore(world, how);
  how.once = true;
  const auto once = explore(world, how);
  EXPECT_FALSE(once.counterexample) << *once.counterexample;
  EXPECT_EQ(once.crashes, all.crashes);
  EXPECT_EQ(once.endings, all.endings);
  EXPECT_EQ(once.outcomes, all.outcomes);
  return {once.interleavings, all.interleavings};
}

TEST(Explorer, FindsSameOutcomesWhenVisitingStatesOnce) {
  for (const Writers writers : kAllWriters) {
    for (const Ids ids : {Ids::own, Ids::same}) {
      for (const World& world : one_in(70, worlds_of(shop(), shop_words(), 2, ids)))
        taken(world, {.writers = writers});
      for (const World& world : one_in(250, small_worlds(2, ids)))
        taken(world, {.writers = writers, .crashes = true});
    }
  }
  const World three{{"register A 1", "place 1 A=1"}, {{"abort 1", 1}, {"abort 1", 2}, {"place 2 A=1", 3}}};
  const auto [once, all] = taken(three, {.writers = Writers::own});
  EXPECT_LT(3 * once, all);
}

TEST(Explorer, DetectsFlawsWhenVisitingStatesOnce) {
  for (const World& world : {World{{"register A 1", "place 1 A=1"}, both("abort 1")},
                             World{{"register A 1"}, {{"place 1 A=1"}, {"place 2 A=1"}}}}) {
    for (const Writers writers : {Writers::own, Writers::standing}) {
      EXPECT_TRUE(
          explore(world, {.writers = writers, .without = Without::condition, .once = true}).counterexample);
    }
  }
}

}  // namespace
}  // namespace stockfold
