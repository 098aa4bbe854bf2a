#include "storage/log/next_life.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>

namespace stockfold {
namespace {

constexpr Epoch kLast(std::numeric_limits<Epoch::rep>::max());

TEST(NextEpoch, IsDrawnAtRandomWithinTheStep) {
  std::set<Epoch> drawn;
  for (int i = 0; i < 8; ++i) {
    const auto epoch = draw_epoch_after(Epoch(7));
    ASSERT_TRUE(epoch);
    EXPECT_GT(*epoch, Epoch(7));
    EXPECT_LE(*epoch, Epoch(7 + kMostEpochStep));
    drawn.insert(*epoch);
  }
  EXPECT_GT(drawn.size(), 1U) << "all the same once in 2^140 runs";
}

TEST(NextEpoch, IsTheLastWhenOnlyOneIsLeft) {
  const auto last = draw_epoch_after(Epoch(kLast.value() - 1));
  ASSERT_TRUE(last);
  EXPECT_EQ(*last, kLast);
}

TEST(NextEpoch, IsRefusedAfterTheLast) {
  const auto none = draw_epoch_after(kLast);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, FaultKind::io);
  EXPECT_THAT(none.error().what, testing::HasSubstr("which is the last"));
}

}  // namespace
}  // namespace stockfold
