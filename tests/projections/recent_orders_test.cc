#include "projections/recent_orders.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace stockfold {
namespace {

RecentOrders::Positions positions_of(std::uint64_t order) {
  RecentOrders::Positions positions{};
  positions[0] = GlobalPosition(10 * order);
  return positions;
}

TEST(RecentOrders, FindsNothingAtFirst) { EXPECT_EQ(RecentOrders().find("1", StreamVersion(1)), nullptr); }

TEST(RecentOrders, FindsOrderAtItsLatestVersion) {
  RecentOrders recent;
  recent.keep("1", StreamVersion(1), positions_of(1));
  recent.keep("1", StreamVersion(2), positions_of(2));
  EXPECT_EQ(recent.find("1", StreamVersion(1)), nullptr);
  ASSERT_NE(recent.find("1", StreamVersion(2)), nullptr);
  EXPECT_EQ(*recent.find("1", StreamVersion(2)), positions_of(2));
  EXPECT_EQ(recent.find("2", StreamVersion(2)), nullptr);
}

TEST(RecentOrders, KeepsMostOrdersAndConfusesNone) {
  constexpr std::uint64_t kOrders = 20'000;
  RecentOrders recent;
  std::size_t known = 0;
  for (std::uint64_t order = 1; order <= kOrders; ++order) {
    recent.keep(std::to_string(order), StreamVersion(1), positions_of(order));
  }
  for (std::uint64_t order = 1; order <= 2 * kOrders; ++order) {
    const auto* found = recent.find(std::to_string(order), StreamVersion(1));
    if (found == nullptr) continue;
    ++known;
    EXPECT_LE(order, kOrders);
    EXPECT_EQ(*found, positions_of(order));
  }
  EXPECT_GT(known, kOrders / 2);
}

}  // namespace
}  // namespace stockfold
