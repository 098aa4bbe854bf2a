#include "server/ledger/working_set.h"

#include <gtest/gtest.h>

#include <string>

#include "core/given.h"

namespace stockfold {
namespace {

constexpr GlobalPosition kEverything{1'000'000};

Product product_changed_at(std::uint64_t position) {
  Product product;
  product.received = position;
  product.changed_at = GlobalPosition(position);
  return product;
}

Order order_changed_at(std::uint64_t position) {
  Order order;
  order.changed_at = GlobalPosition(position);
  return order;
}

class WorkingSetTest : public testing::Test {
 protected:
  /// Products A, B, C … last changed at 1, 2, 3 …, used in that order.
  void load_products(std::uint64_t count) {
    for (std::uint64_t i = 1; i <= count; ++i) set_.load(nth(i), product_changed_at(i));
  }
  static Sku nth(std::uint64_t n) { return sku(std::string(1, static_cast<char>('A' + n - 1))); }

  [[nodiscard]] std::string known_products() const {
    std::string known;
    for (char c = 'A'; c <= 'Z'; ++c) {
      if (set_.known(sku(std::string(1, c)))) known += c;
    }
    return known;
  }

  WorkingSet set_;
};

TEST_F(WorkingSetTest, KnowsSettledAggregates) {
  EXPECT_FALSE(set_.known(sku("A")));
  EXPECT_FALSE(set_.known(order_id("A")));
  set_.load(sku("A"), product_changed_at(1));
  EXPECT_TRUE(set_.known(sku("A")));
  EXPECT_FALSE(set_.known(order_id("A")));
  EXPECT_EQ(*set_.find(sku("A")), product_changed_at(1));
  set_.load(order_id("A"), order_changed_at(2));
  EXPECT_EQ(*set_.find(order_id("A")), order_changed_at(2));
}

TEST_F(WorkingSetTest, RemembersAbsentAggregates) {
  set_.load(order_id("1"), std::nullopt);
  EXPECT_TRUE(set_.known(order_id("1")));
  EXPECT_EQ(set_.find(order_id("1")), nullptr);
  EXPECT_EQ(set_.edit(order_id("1")), std::nullopt);
}

TEST_F(WorkingSetTest, ReturnsEditsOfCurrentCommit) {
  set_.load(sku("A"), product_changed_at(1));
  set_.load(order_id("1"), std::nullopt);
  set_.edit(sku("A"))->changed_at = GlobalPosition(2);
  set_.edit(order_id("1")) = order_changed_at(2);
  EXPECT_EQ(set_.find(sku("A"))->changed_at, GlobalPosition(2));
  EXPECT_EQ(set_.find(order_id("1"))->changed_at, GlobalPosition(2));
  set_.edit(sku("A"))->written_off = 1;
  EXPECT_EQ(set_.find(sku("A"))->changed_at, GlobalPosition(2))
      << "a second edit starts where the first ended";
}

TEST_F(WorkingSetTest, KeepsEditsAfterMerge) {
  set_.load(sku("A"), product_changed_at(1));
  set_.load(order_id("1"), std::nullopt);
  set_.edit(sku("A")) = product_changed_at(2);
  set_.edit(order_id("1")) = order_changed_at(2);
  set_.merge();
  set_.drop();
  EXPECT_EQ(*set_.find(sku("A")), product_changed_at(2));
  EXPECT_EQ(*set_.find(order_id("1")), order_changed_at(2));
}

TEST_F(WorkingSetTest, DiscardsEditsAfterDrop) {
  set_.load(sku("A"), product_changed_at(1));
  set_.load(order_id("1"), std::nullopt);
  set_.edit(sku("A")) = product_changed_at(2);
  set_.edit(order_id("1")) = order_changed_at(2);
  set_.drop();
  set_.merge();
  EXPECT_EQ(*set_.find(sku("A")), product_changed_at(1));
  EXPECT_EQ(set_.find(order_id("1")), nullptr);
  EXPECT_TRUE(set_.known(order_id("1")));
}

TEST_F(WorkingSetTest, StartsCommitFromPreviousCommit) {
  set_.load(sku("A"), product_changed_at(1));
  set_.edit(sku("A")) = product_changed_at(2);
  set_.merge();
  EXPECT_EQ(set_.edit(sku("A")), product_changed_at(2));
  set_.edit(sku("A")) = product_changed_at(3);
  set_.drop();
  EXPECT_EQ(*set_.find(sku("A")), product_changed_at(2));
}

TEST_F(WorkingSetTest, KeepsPointersValidWhileGrowing) {
  set_.load(sku("A"), product_changed_at(1));
  set_.load(order_id("1"), order_changed_at(1));
  const Product* product = set_.find(sku("A"));
  for (int i = 0; i < 1'000; ++i) set_.load(sku("P" + std::to_string(i)), product_changed_at(1));
  EXPECT_EQ(set_.find(sku("A")), product);
}

TEST_F(WorkingSetTest, NumbersOrdersFromOne) { EXPECT_EQ(set_.next_order_number(), 1U); }

TEST_F(WorkingSetTest, RevertsOrderNumberWhenCommitIsDropped) {
  set_.set_next_order_number(7);
  EXPECT_EQ(set_.next_order_number(), 7U);
  set_.merge();
  set_.set_next_order_number(9);
  EXPECT_EQ(set_.next_order_number(), 9U);
  set_.drop();
  EXPECT_EQ(set_.next_order_number(), 7U);
}

TEST_F(WorkingSetTest, EvictsOldestDownToCapacity) {
  load_products(5);
  set_.evict(kEverything, 5);
  EXPECT_EQ(known_products(), "ABCDE");
  set_.evict(kEverything, 3);
  EXPECT_EQ(known_products(), "CDE");
  EXPECT_EQ(set_.products(), 3U);
}

TEST_F(WorkingSetTest, KeepsAggregatesUsedByLaterCommits) {
  load_products(4);
  set_.merge();
  EXPECT_NE(set_.find(sku("A")), nullptr);
  set_.edit(sku("B"));
  set_.merge();
  set_.evict(kEverything, 2);
  EXPECT_EQ(known_products(), "AB");
}

TEST_F(WorkingSetTest, DoesNotKeepAggregatesUsedOnlyWhenLoaded) {
  load_products(3);
  EXPECT_NE(set_.find(sku("A")), nullptr);
  set_.edit(sku("B"));
  set_.merge();
  set_.evict(kEverything, 1);
  EXPECT_EQ(known_products(), "C");
}

TEST_F(WorkingSetTest, DoesNotKeepAggregatesOnlyPeekedAt) {
  load_products(2);
  set_.merge();
  EXPECT_EQ(*set_.peek(sku("A")), product_changed_at(1));
  set_.evict(kEverything, 1);
  EXPECT_EQ(known_products(), "B");
}

TEST_F(WorkingSetTest, GivesUsedAggregatesSecondChance) {
  load_products(3);
  set_.merge();
  for (const char* id : {"A", "B", "C"}) EXPECT_NE(set_.find(sku(id)), nullptr);
  set_.evict(kEverything, 2);
  EXPECT_EQ(known_products(), "BC") << "all were used: the hand took the first it came back to";
  EXPECT_NE(set_.find(sku("B")), nullptr);
  set_.evict(kEverything, 1);
  EXPECT_EQ(known_products(), "B");
  set_.evict(kEverything, 0);
  EXPECT_EQ(known_products(), "");
  load_products(2);
  EXPECT_EQ(known_products(), "AB");
}

TEST_F(WorkingSetTest, StaysWithinCapacityWhenViewsLag) {
  // Aggregates used once, and then trailed by the views for a while, must not stop the clock hand from
  // finding what it may evict.
  constexpr std::uint64_t kTrail = 5'000;
  constexpr std::uint64_t kACommit = 200;
  constexpr std::size_t kCapacity = 1'000;
  for (std::uint64_t position = 1; position <= 100'000; ++position) {
    const OrderId order = order_id(std::to_string(position));
    set_.load(order, std::nullopt);
    EXPECT_EQ(set_.find(order), nullptr);
    set_.edit(order) = order_changed_at(position);
    if (position % kACommit != 0) continue;
    set_.merge();
    set_.evict(GlobalPosition(position > kTrail ? position - kTrail : 0), kCapacity);
    ASSERT_LE(set_.orders(), kTrail + kCapacity + 10 * kACommit) << "at " << position;
  }
}

TEST_F(WorkingSetTest, PeekIgnoresPendingEdits) {
  EXPECT_EQ(set_.peek(sku("A")), nullptr);
  set_.load(sku("A"), product_changed_at(1));
  set_.edit(sku("A")) = product_changed_at(2);
  EXPECT_EQ(*set_.peek(sku("A")), product_changed_at(1));
  set_.merge();
  EXPECT_EQ(*set_.peek(sku("A")), product_changed_at(2));
}

TEST_F(WorkingSetTest, FindsEveryAggregateAfterManyEvictions) {
  // Enough for the table to grow and for slots and places to be reused many times.
  constexpr std::uint64_t kMost = 5'000;
  std::uint64_t oldest = 1;
  for (std::uint64_t newest = 1; newest <= 4 * kMost; ++newest) {
    set_.load(order_id(std::to_string(newest)), order_changed_at(newest));
    set_.evict(kEverything, kMost);
    oldest = newest > kMost ? newest - kMost + 1 : 1;
    if (newest % 997 != 0) continue;
    EXPECT_EQ(set_.orders(), newest - oldest + 1);
    for (std::uint64_t i = oldest > 50 ? oldest - 50 : 1; i <= newest; ++i) {
      const auto* order = set_.peek(order_id(std::to_string(i)));
      ASSERT_EQ(order != nullptr, i >= oldest) << i;
      if (order != nullptr) {
        ASSERT_EQ(**order, order_changed_at(i));
      }
    }
  }
}

TEST_F(WorkingSetTest, KeepsAggregatesThatViewsLack) {
  load_products(5);
  set_.evict(GlobalPosition(2), 0);
  EXPECT_EQ(known_products(), "CDE");
  set_.evict(GlobalPosition(4), 0);
  EXPECT_EQ(known_products(), "E");
}

TEST_F(WorkingSetTest, EvictionSkipsAggregatesThatMustStay) {
  set_.load(sku("A"), product_changed_at(9));
  set_.load(sku("B"), product_changed_at(1));
  set_.evict(GlobalPosition(8), 0);
  EXPECT_EQ(known_products(), "A");
}

TEST_F(WorkingSetTest, KeepsPendingEdits) {
  load_products(1);
  set_.edit(sku("A"));
  set_.evict(kEverything, 0);
  EXPECT_EQ(known_products(), "A");
  set_.merge();
  set_.evict(kEverything, 0);
  EXPECT_EQ(known_products(), "");
}

TEST_F(WorkingSetTest, EvictsAbsentAggregatesAtAnyTime) {
  set_.load(sku("A"), std::nullopt);
  set_.evict(GlobalPosition(0), 0);
  EXPECT_EQ(known_products(), "");
}

TEST_F(WorkingSetTest, CountsCapacityPerKind) {
  load_products(2);
  for (const char* id : {"1", "2", "3"}) set_.load(order_id(id), order_changed_at(1));
  set_.evict(kEverything, 2);
  EXPECT_EQ(set_.products(), 2U);
  EXPECT_EQ(set_.orders(), 2U);
  EXPECT_FALSE(set_.known(order_id("1")));
}

TEST_F(WorkingSetTest, ReturnsAggregateSettledAgainAfterEviction) {
  load_products(1);
  set_.evict(kEverything, 0);
  set_.load(sku("A"), product_changed_at(5));
  EXPECT_EQ(*set_.find(sku("A")), product_changed_at(5));
}

TEST(WorkingSetDeathTest, AbortsWhenAggregateIsUsedBeforeLoading) {
#ifdef NDEBUG
  GTEST_SKIP() << "assertions are off";
#else
  WorkingSet set;
  EXPECT_DEATH((void)set.find(sku("A")), "loaded before it is used");
  EXPECT_DEATH(set.edit(order_id("1")), "loaded before it is used");
  set.load(sku("A"), std::nullopt);
  EXPECT_DEATH(set.load(sku("A"), std::nullopt), "newer than what a view has");
#endif
}

}  // namespace
}  // namespace stockfold
