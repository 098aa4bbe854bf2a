#include "core/claims.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/given.h"

namespace stockfold {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Claims : public testing::Test {
 protected:
  Claims() {
    happened(registered("A", 5));
    happened(placed("7", {line("A", 2)}));
  }
  void happened(const CommandBody& body) {
    const auto decision = decide(state_, {body, {}, {}, {}});
    ASSERT_TRUE(decision);
    const RecordedEvent event{.position = GlobalPosition(++position_),
                              .time = {},
                              .version = decision->version,
                              .identity = {},
                              .actor = {},
                              .event = decision->event};
    ASSERT_TRUE(evolve(state_, event));
  }
  /// The fields whose claimed values are wrong.
  std::vector<std::string> contradicted(const CommandBody& body, std::vector<Claim> claims) {
    const Command command{body, {}, {}, {}, std::move(claims)};
    const auto decision = decide(state_, command);
    EXPECT_TRUE(decision);
    refusal_ = contradiction(state_, command, *decision);
    return refusal_ ? contradicted_fields(*refusal_) : std::vector<std::string>();
  }

  PlainAggregates state_;
  std::uint64_t position_ = 0;
  std::optional<Refusal> refusal_;
};

TEST_F(Claims, HoldAsItIsAndAsItWillBe) {
  EXPECT_THAT(contradicted(aborted("7"), {{"status", "in_progress"}, {"version", std::uint64_t{1}}}),
              IsEmpty());
  EXPECT_THAT(contradicted(aborted("7"), {{"status", "aborted"}, {"version", std::uint64_t{2}}}), IsEmpty());
  EXPECT_THAT(contradicted(aborted("7"), {{"product", "A"}, {"lines", Lines{line("A", 2)}}}), IsEmpty());
  EXPECT_THAT(contradicted(received("A", 2), {{"stock", std::uint64_t{3}}, {"received", std::uint64_t{5}}}),
              IsEmpty());
  EXPECT_THAT(contradicted(received("A", 2), {{"stock", std::uint64_t{5}}, {"received", std::uint64_t{7}}}),
              IsEmpty());
  EXPECT_THAT(contradicted(retired("A"), {{"retired", true}}), IsEmpty());
  EXPECT_THAT(contradicted(retired("A"), {{"retired", false}}), IsEmpty());
  EXPECT_THAT(contradicted(aborted("7"), {}), IsEmpty());
}

TEST_F(Claims, ThatContradictAreNamed) {
  EXPECT_THAT(
      contradicted(aborted("7"), {{"status", "fulfilled"}, {"version", std::uint64_t{3}}, {"product", "A"}}),
      ElementsAre("status", "version"));
  EXPECT_EQ(refusal_->rule, Rule::invalid_argument);
  EXPECT_EQ(refusal_->subject, StreamId::of(order_id("7")));
  EXPECT_EQ(message_of(*refusal_), "order/7 is not as the request says: status, version");
  EXPECT_EQ(refusal_->actual, StreamVersion(1));
  EXPECT_THAT(contradicted(aborted("7"), {{"lines", Lines{line("A", 1)}}}), ElementsAre("lines"));
  EXPECT_THAT(contradicted(written_off("A", 1), {{"stock", std::uint64_t{4}}, {"name", "rope"}}),
              ElementsAre("stock", "name"));
}

TEST_F(Claims, OfTheProductOfAnOrderNeedOneLine) {
  happened(registered("B", 5));
  happened(placed("8", {line("A", 1), line("B", 1)}));
  EXPECT_THAT(contradicted(aborted("8"), {{"product", "A"}}), ElementsAre("product"));
}

TEST(Contradiction, IsOfNoOtherRefusal) {
  EXPECT_THAT(contradicted_fields(refuse(Rule::invalid_argument, "order/7 is not as the request says: x")),
              IsEmpty());
  Refusal refusal = refuse(Rule::version_conflict, " is not as the request says: x");
  refusal.subject = StreamId::of(order_id("7"));
  EXPECT_THAT(contradicted_fields(refusal), IsEmpty());
}

}  // namespace
}  // namespace stockfold
