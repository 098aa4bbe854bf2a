#include "projections/audit/repeated_keys.h"

#include <gtest/gtest.h>

#include <string>

#include "support/temporary_directory.h"

namespace stockfold {
namespace {

using Repetition = RepeatedKeys::Repetition;

class RepeatedKeysTest : public testing::TestWithParam<std::size_t> {
 protected:
  void add(std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t key = from; key < to; ++key) {
      ASSERT_TRUE(keys_.add("key " + std::to_string(key), GlobalPosition(++position_)));
    }
  }

  TemporaryDirectory scratch_;
  RepeatedKeys keys_{scratch_.path(), "keys", GetParam()};
  std::uint64_t position_ = 0;
};

TEST_P(RepeatedKeysTest, FindsNothingAmongDistinctKeys) {
  add(0, 5'000);
  const auto found = keys_.finish();
  ASSERT_TRUE(found) << found.error().what;
  EXPECT_FALSE(*found);
  EXPECT_EQ(keys_.size(), 5'000U);
}

TEST_P(RepeatedKeysTest, FindsFirstRepeatedKey) {
  add(0, 3'000);
  add(2'000, 2'001);
  add(5, 6);
  add(4'000, 5'000);
  const auto found = keys_.finish();
  ASSERT_TRUE(found) << found.error().what;
  EXPECT_EQ(*found, (Repetition{GlobalPosition(2'001), GlobalPosition(3'001)}));
}

TEST_P(RepeatedKeysTest, FindsKeyRepeatedThreeTimes) {
  add(0, 1);
  add(0, 1);
  add(0, 1);
  const auto found = keys_.finish();
  ASSERT_TRUE(found) << found.error().what;
  EXPECT_EQ(*found, (Repetition{GlobalPosition(1), GlobalPosition(2)}));
}

TEST_P(RepeatedKeysTest, AcceptsSameKeyFromDifferentOwners) {
  for (const char* owner : {"shop-a", "shop-b", "shop-c"}) {
    for (int key = 0; key < 900; ++key) {
      ASSERT_TRUE(keys_.add("key " + std::to_string(key), GlobalPosition(++position_), owner));
    }
  }
  const auto found = keys_.finish();
  ASSERT_TRUE(found) << found.error().what;
  EXPECT_FALSE(*found);
}

TEST_P(RepeatedKeysTest, FindsKeyRepeatedByOneOwner) {
  for (const char* owner : {"shop-a", "shop-b", "shop-c", "shop-b", "shop-a"}) {
    ASSERT_TRUE(keys_.add("key", GlobalPosition(++position_), owner));
  }
  add(0, 2'000);
  const auto found = keys_.finish();
  ASSERT_TRUE(found) << found.error().what;
  EXPECT_EQ(*found, (Repetition{GlobalPosition(2), GlobalPosition(4)}));
}

TEST_P(RepeatedKeysTest, FindsKeyRepeatedWithoutOwner) {
  ASSERT_TRUE(keys_.add("key", GlobalPosition(1), "shop-a"));
  ASSERT_TRUE(keys_.add("key", GlobalPosition(2), "shop-b"));
  ASSERT_TRUE(keys_.add("other", GlobalPosition(3), "shop-b"));
  ASSERT_TRUE(keys_.add("key", GlobalPosition(4)));
  const auto found = keys_.finish();
  ASSERT_TRUE(found) << found.error().what;
  EXPECT_EQ(*found, (Repetition{GlobalPosition(1), GlobalPosition(4)}));
}

// in memory; in files, each written many times
INSTANTIATE_TEST_SUITE_P(Memory, RepeatedKeysTest, testing::Values(1U << 20, 1'000));

TEST(RepeatedKeys, RemovesItsFiles) {
  const TemporaryDirectory scratch;
  {
    RepeatedKeys keys(scratch.path(), "keys", 100);
    for (std::uint64_t key = 0; key < 100; ++key) {
      ASSERT_TRUE(keys.add(std::to_string(key), GlobalPosition(key + 1)));
    }
    EXPECT_FALSE(std::filesystem::is_empty(scratch.path()));
  }
  EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));
}

TEST(RepeatedKeys, NamesFileThatCannotBeWritten) {
  RepeatedKeys keys("/nowhere/at/all", "keys", 1);
  ASSERT_TRUE(keys.add("a", GlobalPosition(1)));
  const auto added = keys.add("b", GlobalPosition(2));
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().kind, FaultKind::io);
  EXPECT_NE(added.error().what.find("/nowhere/at/all/keys."), std::string::npos) << added.error().what;
}

}  // namespace
}  // namespace stockfold
