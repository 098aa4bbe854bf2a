// The ladder of every command: if a command breaks two rules, the answer names the earlier one.
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "core/given.h"

namespace stockfold {
namespace {

using History = std::vector<CommandBody>;

/// A command that breaks one rule.
struct Cell {
  std::string name;
  History history;
  CommandBody command;
  Rule rule;
};
void PrintTo(const Cell& cell, std::ostream* out) { *out << cell.name; }

const CommandBody kA = registered("A", 5);
const CommandBody kFullA = registered("A", kMaxUnits);
const CommandBody kB = registered("B", 5);
const Lines kOneA{line("A", 1)};
const Lines kSixA{line("A", 6)};

std::vector<Cell> cells() {
  return {
      {"RegisterProduct_exists", {kA}, registered("A", 1), Rule::product_exists},
      {"ReceiveStock_unknown", {kB}, received("A", 1), Rule::unknown_product},
      {"ReceiveStock_retired", {kA, retired("A")}, received("A", 1), Rule::product_retired},
      {"ReceiveStock_overflow", {kFullA}, received("A", 1), Rule::stock_overflow},
      {"WriteOffStock_unknown", {kB}, written_off("A", 1), Rule::unknown_product},
      {"WriteOffStock_insufficient", {kA}, written_off("A", 6), Rule::insufficient_stock},
      {"RetireProduct_unknown", {kB}, retired("A"), Rule::unknown_product},
      {"RetireProduct_retired", {kA, retired("A")}, retired("A"), Rule::product_retired},
      {"DraftOrder_exists", {kA, drafted("1", kOneA)}, drafted("1", kOneA), Rule::order_exists},
      {"DraftOrder_unknown", {kB}, drafted("1", kOneA), Rule::unknown_product},
      {"DraftOrder_retired", {kA, retired("A")}, drafted("1", kOneA), Rule::product_retired},
      {"PlaceOrder_exists", {kA, placed("1", kOneA)}, placed("1", kOneA), Rule::order_exists},
      {"PlaceOrder_draft_exists", {kA, drafted("1", kOneA)}, placed("1", kOneA), Rule::order_exists},
      {"PlaceOrder_unknown", {kB}, placed("1", kOneA), Rule::unknown_product},
      {"PlaceOrder_retired", {kA, retired("A")}, placed("1", kOneA), Rule::product_retired},
      {"PlaceOrder_insufficient", {kA}, placed("1", kSixA), Rule::insufficient_stock},
      {"PlaceDraft_unknown", {kA}, placed_draft("1"), Rule::unknown_order},
      {"PlaceDraft_not_draft", {kA, placed("1", kOneA)}, placed_draft("1"), Rule::order_not_draft},
      {"PlaceDraft_retired",
       {kA, drafted("1", kOneA), retired("A")},
       placed_draft("1"),
       Rule::product_retired},
      {"PlaceDraft_insufficient", {kA, drafted("1", kSixA)}, placed_draft("1"), Rule::insufficient_stock},
      {"AbortOrder_unknown", {kA}, aborted("1"), Rule::unknown_order},
      {"AbortOrder_aborted",
       {kA, placed("1", kOneA), aborted("1")},
       aborted("1"),
       Rule::order_already_aborted},
      {"AbortOrder_fulfilled",
       {kA, placed("1", kOneA), fulfilled("1")},
       aborted("1"),
       Rule::order_already_fulfilled},
      {"FulfilOrder_unknown", {kA}, fulfilled("1"), Rule::unknown_order},
      {"FulfilOrder_aborted",
       {kA, placed("1", kOneA), aborted("1")},
       fulfilled("1"),
       Rule::order_already_aborted},
      {"FulfilOrder_fulfilled",
       {kA, placed("1", kOneA), fulfilled("1")},
       fulfilled("1"),
       Rule::order_already_fulfilled},
      {"FulfilOrder_draft", {kA, drafted("1", kOneA)}, fulfilled("1"), Rule::order_not_in_progress},
  };
}

class EveryRule : public testing::TestWithParam<Cell> {};

TEST_P(EveryRule, IsCheckedAfterTheExpectedVersion) {
  const Story story(GetParam().history);
  const auto never = ExpectedVersion::exactly(StreamVersion(99));
  EXPECT_EQ(story.when(GetParam().command).rule(), name_of(GetParam().rule));
  EXPECT_EQ(story.when(GetParam().command, never).rule(), "version_conflict");
}

INSTANTIATE_TEST_SUITE_P(Ladder, EveryRule, testing::ValuesIn(cells()),
                         [](const auto& cell) { return cell.param.name; });

/// A command that breaks two rules after `both`, and only the later of them after `later`. Pairs that are
/// missing here cannot be broken at once: an order has one status, and an unknown product is neither retired
/// nor short.
struct Pair {
  std::string name;
  History both;
  History later;
  CommandBody command;
  Rule winner;
  Rule loser;
};
void PrintTo(const Pair& pair, std::ostream* out) { *out << pair.name; }

const Lines kAB{line("A", 1), line("B", 1)};
const Lines kSixAB{line("A", 6), line("B", 1)};
const Lines kOneC{line("C", 1)};
const CommandBody kC = registered("C", 9);
const CommandBody kRetiredA = retired("A");

std::vector<Pair> pairs_without_taking() {
  return {
      {"ReceiveStock_retired_before_overflow",
       {kFullA, kRetiredA},
       {kFullA},
       received("A", 1),
       Rule::product_retired,
       Rule::stock_overflow},

      {"DraftOrder_exists_before_unknown",
       {kC, drafted("1", kOneC)},
       {kC},
       drafted("1", kOneA),
       Rule::order_exists,
       Rule::unknown_product},
      {"DraftOrder_exists_before_retired",
       {kA, drafted("1", kOneA), kRetiredA},
       {kA, kRetiredA},
       drafted("1", kOneA),
       Rule::order_exists,
       Rule::product_retired},
      {"DraftOrder_unknown_before_retired",
       {kA, kRetiredA},
       {kA, kB, kRetiredA},
       drafted("1", kAB),
       Rule::unknown_product,
       Rule::product_retired},
  };
}

std::vector<Pair> pairs_of_placing() {
  return {
      {"PlaceOrder_exists_before_unknown",
       {kC, placed("1", kOneC)},
       {kC},
       placed("1", kOneA),
       Rule::order_exists,
       Rule::unknown_product},
      {"PlaceOrder_exists_before_retired",
       {kA, drafted("1", kOneA), kRetiredA},
       {kA, kRetiredA},
       placed("1", kOneA),
       Rule::order_exists,
       Rule::product_retired},
      {"PlaceOrder_exists_before_insufficient",
       {kA, placed("1", kOneA)},
       {kA},
       placed("1", kSixA),
       Rule::order_exists,
       Rule::insufficient_stock},
      {"PlaceOrder_unknown_before_retired",
       {kA, kRetiredA},
       {kA, kB, kRetiredA},
       placed("1", kAB),
       Rule::unknown_product,
       Rule::product_retired},
      {"PlaceOrder_unknown_before_insufficient",
       {kA},
       {kA, kB},
       placed("1", kSixAB),
       Rule::unknown_product,
       Rule::insufficient_stock},
      {"PlaceOrder_retired_before_insufficient",
       {kA, kB, retired("B")},
       {kA, kB},
       placed("1", kSixAB),
       Rule::product_retired,
       Rule::insufficient_stock},
      {"PlaceOrder_retired_before_insufficient_on_one_line",
       {kA, kRetiredA},
       {kA},
       placed("1", kSixA),
       Rule::product_retired,
       Rule::insufficient_stock},
  };
}

std::vector<Pair> pairs_of_placing_a_draft() {
  return {
      {"PlaceDraft_not_draft_before_retired",
       {kA, placed("1", kOneA), kRetiredA},
       {kA, drafted("1", kOneA), kRetiredA},
       placed_draft("1"),
       Rule::order_not_draft,
       Rule::product_retired},
      {"PlaceDraft_not_draft_before_insufficient",
       {kA, drafted("1", kSixA), aborted("1")},
       {kA, drafted("1", kSixA)},
       placed_draft("1"),
       Rule::order_not_draft,
       Rule::insufficient_stock},
      {"PlaceDraft_retired_before_insufficient",
       {kA, kB, drafted("1", kSixAB), retired("B")},
       {kA, kB, drafted("1", kSixAB)},
       placed_draft("1"),
       Rule::product_retired,
       Rule::insufficient_stock},
  };
}

std::vector<Pair> pairs() {
  std::vector<Pair> all = pairs_without_taking();
  for (const auto& more : {pairs_of_placing(), pairs_of_placing_a_draft()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

class EveryPair : public testing::TestWithParam<Pair> {};

TEST_P(EveryPair, IsAnsweredByTheEarlierRule) {
  EXPECT_EQ(Story(GetParam().both).when(GetParam().command).rule(), name_of(GetParam().winner));
  EXPECT_EQ(Story(GetParam().later).when(GetParam().command).rule(), name_of(GetParam().loser));
}

INSTANTIATE_TEST_SUITE_P(Ladder, EveryPair, testing::ValuesIn(pairs()),
                         [](const auto& pair) { return pair.param.name; });

TEST(Ladder, ChecksRuleByRuleNotLineByLine) {
  const Story story = given({registered("A", 1), registered("B", 1), retired("B")});
  EXPECT_EQ(story.when(placed("1", {line("A", 2), line("B", 1), line("C", 1)})).rule(), "unknown_product");
  EXPECT_EQ(story.when(placed("1", {line("A", 2), line("B", 1)})).rule(), "product_retired");
  EXPECT_EQ(story.when(placed("1", {line("A", 2)})).rule(), "insufficient_stock");
}

// Only a draft that no command could have made names an unknown product.
TEST(Ladder, ChecksDraftStatusBeforeUnknownProducts) {
  Story story = given({registered("A", 1), registered("B", 1), retired("A")});
  const auto order = [&](OrderStatus status) {
    story.aggregates().edit(order_id("1")) =
        Order{status, {line("A", 1), line("B", 2), line("C", 1)}, StreamVersion(1), {}, ""};
  };
  order(OrderStatus::in_progress);
  EXPECT_EQ(story.when(placed_draft("1")).rule(), "order_not_draft");
  order(OrderStatus::draft);
  EXPECT_EQ(story.when(placed_draft("1")).rule(), "unknown_product");
}

}  // namespace
}  // namespace stockfold
