#include "core/claims.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "core/given.h"

namespace stockfold {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ClaimTest : public testing::Test {
 protected:
  ClaimTest() {
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
  std::vector<StateField> contradicted(const CommandBody& body, std::vector<Claim> claims) {
    const Command command{body, {}, {}, {}, std::move(claims)};
    const auto decision = decide(state_, command);
    EXPECT_TRUE(decision);
    contradiction_ = contradiction(state_, command, *decision);
    return contradiction_ ? contradiction_->fields : std::vector<StateField>();
  }

  PlainAggregates state_;
  std::uint64_t position_ = 0;
  std::optional<Contradiction> contradiction_;
};

TEST_F(ClaimTest, HoldsForStateBeforeOrAfterCommand) {
  EXPECT_THAT(contradicted(aborted("7"), {{StateField::status, OrderStatus::in_progress},
                                          {StateField::version, std::uint64_t{1}}}),
              IsEmpty());
  EXPECT_THAT(contradicted(aborted("7"), {{StateField::status, OrderStatus::aborted},
                                          {StateField::version, std::uint64_t{2}}}),
              IsEmpty());
  EXPECT_THAT(contradicted(aborted("7"), {{StateField::product, std::string("A")},
                                          {StateField::lines, Lines{line("A", 2)}}}),
              IsEmpty());
  EXPECT_THAT(contradicted(received("A", 2),
                           {{StateField::stock, std::uint64_t{3}}, {StateField::received, std::uint64_t{5}}}),
              IsEmpty());
  EXPECT_THAT(contradicted(received("A", 2),
                           {{StateField::stock, std::uint64_t{5}}, {StateField::received, std::uint64_t{7}}}),
              IsEmpty());
  EXPECT_THAT(contradicted(retired("A"), {{StateField::retired, true}}), IsEmpty());
  EXPECT_THAT(contradicted(retired("A"), {{StateField::retired, false}}), IsEmpty());
  EXPECT_THAT(contradicted(aborted("7"), {}), IsEmpty());
}

TEST_F(ClaimTest, NamesEachContradictedField) {
  EXPECT_THAT(contradicted(aborted("7"), {{StateField::status, OrderStatus::fulfilled},
                                          {StateField::version, std::uint64_t{3}},
                                          {StateField::product, std::string("A")}}),
              ElementsAre(StateField::status, StateField::version));
  EXPECT_EQ(contradiction_->subject, StreamId::of(order_id("7")));
  EXPECT_EQ(message_of(*contradiction_), "order/7 is not as the request says");
  EXPECT_EQ(contradiction_->actual, StreamVersion(1));
  EXPECT_THAT(contradicted(aborted("7"), {{StateField::lines, Lines{line("A", 1)}}}),
              ElementsAre(StateField::lines));
  EXPECT_THAT(contradicted(written_off("A", 1),
                           {{StateField::stock, std::uint64_t{4}}, {StateField::name, std::string("rope")}}),
              ElementsAre(StateField::stock, StateField::name));
}

TEST_F(ClaimTest, RefusesProductOfOrderWithTwoLines) {
  happened(registered("B", 5));
  happened(placed("8", {line("A", 1), line("B", 1)}));
  EXPECT_THAT(contradicted(aborted("8"), {{StateField::product, std::string("A")}}),
              ElementsAre(StateField::product));
}

}  // namespace
}  // namespace stockfold
