#include "core/refusal.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "core/given.h"

namespace stockfold {
namespace {

std::string message(const Story& story, const CommandBody& body,
                    ExpectedVersion expected = ExpectedVersion::any()) {
  return story.when(body, expected).message();
}

TEST(Rule, HasStableName) {
  const std::vector<std::string_view> names{
      "unknown_product",       "product_retired",         "product_exists",        "insufficient_stock",
      "stock_overflow",        "unknown_order",           "order_exists",          "order_not_draft",
      "order_already_aborted", "order_already_fulfilled", "order_not_in_progress", "version_conflict",
      "command_id_reused"};
  for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(name_of(static_cast<Rule>(i + 1)), names[i]);
  EXPECT_EQ(name_of(unlisted<Rule>(0)), "?");
  EXPECT_EQ(name_of(unlisted<Rule>(14)), "?");
}

TEST(RefusalMessage, ExplainsProductRefusals) {
  const Story story =
      given({registered("A", 5), retired("A"), registered("B", 3), registered("C", kMaxUnits)});
  EXPECT_EQ(message(story, received("X", 1)), "X is not a known product");
  EXPECT_EQ(message(story, received("A", 1)), "A was retired at position 2");
  EXPECT_EQ(message(story, registered("B", 1)), "B was already registered at position 3");
  EXPECT_EQ(message(story, placed("1", {line("B", 4)})), "insufficient stock of B: 3 available, 4 requested");
  EXPECT_EQ(message(story, received("C", 2)),
            "C has received 9007199254740991 units, 2 more would exceed 9007199254740991");
}

TEST(RefusalMessage, ExplainsRefusalsWithoutState) {
  const auto untold = [](Rule rule, StreamId subject) {
    Refusal refusal;
    refusal.rule = rule;
    refusal.subject = std::move(subject);
    refusal.requested = 4;
    return message_of(refusal);
  };
  const StreamId product{AggregateKind::product, "A"};
  const StreamId order{AggregateKind::order, "1"};
  EXPECT_EQ(untold(Rule::insufficient_stock, product), "insufficient stock of A: 4 requested");
  EXPECT_EQ(untold(Rule::stock_overflow, product), "4 more of A would exceed 9007199254740991");
  EXPECT_EQ(untold(Rule::order_exists, order), "order 1 already exists");
  EXPECT_EQ(untold(Rule::order_not_draft, order), "order 1 is not a draft");
  EXPECT_EQ(untold(Rule::order_not_in_progress, order), "order 1 is not in progress");
  EXPECT_EQ(untold(Rule::order_already_aborted, order), "order 1 was already aborted");
}

TEST(RefusalMessage, ExplainsOrderRefusals) {
  const Story story =
      given({registered("A", 5), drafted("1", {line("A", 1)}), placed("2", {line("A", 1)}),
             placed("3", {line("A", 1)}), aborted("3"), placed("4", {line("A", 1)}), fulfilled("4")});
  EXPECT_EQ(message(story, aborted("9")), "order 9 is not a known order");
  EXPECT_EQ(message(story, placed("1", {line("A", 1)})), "order 1 already exists and is a draft");
  EXPECT_EQ(message(story, placed("2", {line("A", 1)})), "order 2 already exists and is in progress");
  EXPECT_EQ(message(story, placed_draft("3")), "order 3 is aborted, not a draft");
  EXPECT_EQ(message(story, placed_draft("4")), "order 4 is fulfilled, not a draft");
  EXPECT_EQ(message(story, aborted("3")), "order 3 was already aborted by alice at position 5");
  EXPECT_EQ(message(story, aborted("4")), "order 4 was already fulfilled by alice at position 7");
  EXPECT_EQ(message(story, fulfilled("1")), "order 1 is a draft, not in progress");
}

TEST(RefusalMessage, OmitsActorWhenUnknown) {
  Story story = given({registered("A", 5), placed("1", {line("A", 1)}), aborted("1")});
  story.aggregates().edit(order_id("1"))->changed_by.clear();
  EXPECT_EQ(message(story, aborted("1")), "order 1 was already aborted at position 3");
}

TEST(RefusalMessage, StatesBothVersions) {
  const Story story = given({registered("A", 5), placed("1", {line("A", 1)}), fulfilled("1")});
  const auto three = ExpectedVersion::exactly(StreamVersion(3));
  EXPECT_EQ(message(story, aborted("1"), three), "order/1 is at version 2, version 3 was expected");
  EXPECT_EQ(message(story, aborted("2"), three), "order/2 does not exist, version 3 was expected");
  EXPECT_EQ(message(story, registered("A", 1), ExpectedVersion::no_stream()),
            "product/A is at version 3, it was expected not to exist");
}

TEST(RefusalMessage, EqualsDetailWithoutSubject) {
  EXPECT_EQ(message_of(refuse(Rule::command_id_reused, "the detail")), "the detail");
  EXPECT_NE(message_of(refuse(Rule::command_id_reused, "")), "");
}

// Refusals are also read from the network and from disk, so they need not fit their rule.
TEST(RefusalMessage, IsNeverEmpty) {
  for (int rule = 0; rule < 256; ++rule) {
    EXPECT_NE(message_of(refuse(unlisted<Rule>(static_cast<std::uint8_t>(rule)), "")), "") << rule;
  }
}

}  // namespace
}  // namespace stockfold
