// Small worlds with a crash at every point of every interleaving, and what is detected when a safety measure
// is removed.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "interleavings/explore.h"
#include "interleavings/worlds.h"

namespace stockfold {
namespace {

void hold_through_crashes(const std::vector<World>& worlds, Writers writers) {
  for (const World& world : worlds) {
    const auto found = explore(world, {.writers = writers, .crashes = true, .once = true});
    EXPECT_FALSE(found.counterexample) << *found.counterexample;
    EXPECT_GT(found.crashes, 2U);
  }
}

TEST(SmallWorld, SurvivesCrashesWithOneRequest) {
  hold_through_crashes(one_in(2, small_worlds(1, Ids::own)), Writers::own);
}
TEST(SmallWorld, SurvivesCrashesWithTwoRequests) {
  hold_through_crashes(one_in(19, small_worlds(2, Ids::own)), Writers::own);
}
TEST(SmallWorld, SurvivesCrashesWithTwoRequestsUnderOneCommandId) {
  hold_through_crashes(one_in(13, small_worlds(2, Ids::same)), Writers::own);
}
TEST(SmallWorld, SurvivesCrashesWithOneWriter) {
  hold_through_crashes(one_in(11, small_worlds(2, Ids::own)), Writers::one);
}
TEST(SmallWorld, SurvivesCrashesWithoutCommandIds) {
  hold_through_crashes(one_in(13, small_worlds(2, Ids::none)), Writers::one);
}

// ---- what is found when something is taken away -----------------------------------------------------------

std::string counterexample(const World& world, const Exploring& how) {
  EXPECT_FALSE(explore(world, {.writers = how.writers, .crashes = how.crashes}).counterexample)
      << "nothing is wrong while all is there";
  return explore(world, how).counterexample.value_or("nothing is found\n");
}

TEST(Explorer, FindsStockReturnedTwiceWithoutAppendCondition) {
  const World world{{"register A 1", "place 1 A=1"}, {{"abort 1", 1}, {"abort 1", 2}}};
  EXPECT_EQ(counterexample(world, {.without = Without::condition}),
            "given register A 1, place 1 A=1\n"
            "1 wants abort 1 (id 1)\n"
            "2 wants abort 1 (id 2)\n"
            "  1 reads the log up to 2\n"
            "  2 reads the log up to 2\n"
            "  2 writes 3\n"
            "  2 syncs\n"
            "  2 is told accepted at 3\n"
            "  1 writes 4\n"
            "  1 syncs\n"
            "  1 is told accepted at 3\n"
            "wrong: order 1 is given back a second time, at position 4\n");
}

TEST(Explorer, FindsLastUnitSoldTwiceWithoutAppendCondition) {
  const World world{{"register A 1"}, {{"place 1 A=1"}, {"place 2 A=1"}}};
  EXPECT_EQ(counterexample(world, {.without = Without::condition}),
            "given register A 1\n"
            "1 wants place 1 A=1\n"
            "2 wants place 2 A=1\n"
            "  1 reads the log up to 1\n"
            "  2 reads the log up to 1\n"
            "  2 writes 2\n"
            "  2 syncs\n"
            "  2 is told accepted at 2\n"
            "  1 writes 3\n"
            "  1 syncs\n"
            "  1 is told accepted at 2\n"
            "wrong: place 1 takes what is not there, at position 3\n");
}

TEST(Explorer, FindsLostAcknowledgedCommandWithoutSync) {
  const World world{{"register A 1"}, {{"place 1 A=1", 1}}};
  EXPECT_EQ(counterexample(world, {.without = Without::sync, .crashes = true}),
            "given register A 1\n"
            "1 wants place 1 A=1 (id 1)\n"
            "  1 reads the log up to 1\n"
            "  1 writes 2\n"
            "  1 is told accepted at 2\n"
            "  crash: what was not synced is lost\n"
            "wrong: request 1, place 1 A=1, was acknowledged at position 2, and is lost\n");
}

TEST(Explorer, FindsRetriedCommandDoneTwiceWithoutReceipts) {
  const World world{{"register A 1"}, {{"receive A 1", 1}}};
  EXPECT_EQ(counterexample(world, {.without = Without::receipts, .crashes = true}),
            "given register A 1\n"
            "1 wants receive A 1 (id 1)\n"
            "  1 reads the log up to 1\n"
            "  1 writes 2\n"
            "  crash: what was not synced is kept\n"
            "  1 tries again, and is told accepted at 3\n"
            "wrong: receive A 1 happened twice, at position 2 and position 3\n");
}

TEST(Explorer, FindsRetryConflictWhenVersionIsCheckedBeforeReceipts) {
  const World world{{"register A 1", "place 1 A=1"}, {{"abort 1 expecting 1", 1}}};
  EXPECT_EQ(
      counterexample(world, {.without = Without::precedence, .crashes = true}),
      "given register A 1, place 1 A=1\n"
      "1 wants abort 1 expecting 1 (id 1)\n"
      "  1 reads the log up to 2\n"
      "  1 writes 3\n"
      "  crash: what was not synced is kept\n"
      "  1 tries again, and is told version_conflict\n"
      "wrong: request 1, abort 1 expecting 1, was done at position 3, but was answered version_conflict\n");
}

void is_missed(const Exploring& how, const std::vector<World>& worlds) {
  for (const World& world : worlds) {
    EXPECT_TRUE(explore(world, how).counterexample)
        << world.given.front() << ": " << world.requests.front().words;
  }
}

TEST(Explorer, DetectsMissingSafeguardInEveryWorld) {
  // A command with an id is an event, also if it is refused.
  const auto one = one_in(4, small_worlds(1, Ids::own));
  is_missed({.without = Without::sync, .crashes = true}, one);
  is_missed({.without = Without::receipts, .crashes = true}, one);

  std::vector<World> races;
  for (const std::string stock : {"1", "2", "3"}) {
    races.push_back({{"register A " + stock, "place 1 A=1"}, {{"abort 1"}, {"abort 1"}}});
    races.push_back({{"register A " + stock}, {{"place 1 A=" + stock}, {"place 2 A=1"}}});
  }
  for (const Writers writers : {Writers::own, Writers::standing}) {
    is_missed({.writers = writers, .without = Without::condition}, races);
  }
}

}  // namespace
}  // namespace stockfold
