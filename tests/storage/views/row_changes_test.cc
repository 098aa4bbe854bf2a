#include "storage/views/row_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace stockfold {
namespace {

using testing::ElementsAre;
using testing::Pair;

using Change = std::pair<std::string, std::optional<std::string>>;

std::vector<Change> in_order(const RowChanges& changes) {
  std::vector<Change> found;
  for (const auto& [key, value] : changes.all()) {
    found.emplace_back(key, value ? std::optional<std::string>(*value) : std::nullopt);
  }
  return found;
}

/// Keys of few letters, some of them zeros, so that many have the same prefix; some begin with the same long
/// text.
std::string any_key() {
  const auto letters = *rc::gen::container<std::string>(rc::gen::element('\0', 'a', 'b', '\xFF'));
  return *rc::gen::element<std::string>("", "a client's long name") + letters;
}

TEST(RowChanges, KeepsChangesInInsertionOrder) {
  RowChanges changes;
  changes.put("B", "1");
  changes.erase("A");
  changes.put("C", "");
  EXPECT_EQ(changes.size(), 3U);
  EXPECT_THAT(in_order(changes), ElementsAre(Pair("B", "1"), Pair("A", std::nullopt), Pair("C", "")));
}

TEST(RowChanges, IsEmptyAfterClear) {
  RowChanges changes{{"B", "1"}};
  changes.clear();
  EXPECT_EQ(changes.size(), 0U);
  changes.put("A", "2");
  EXPECT_THAT(in_order(changes), ElementsAre(Pair("A", "2")));
}

TEST(RowChanges, KeepsOrderOfOneKeyWhenSorted) {
  RowChanges changes{{"B", "1"}, {"A", "1"}, {"B", std::nullopt}, {"A", "2"}};
  changes.sort();
  EXPECT_THAT(in_order(changes),
              ElementsAre(Pair("A", "1"), Pair("A", "2"), Pair("B", "1"), Pair("B", std::nullopt)));
}

RC_GTEST_PROP(RowChanges, SortsByBytesOfKeys, ()) {
  RowChanges changes;
  std::vector<Change> expected;
  const auto count = *rc::gen::inRange(0, 60);
  for (int i = 0; i < count; ++i) {
    expected.emplace_back(any_key(), std::to_string(i));
    changes.put(expected.back().first, *expected.back().second);
  }
  std::ranges::stable_sort(expected, {}, &Change::first);
  changes.sort();
  RC_ASSERT(in_order(changes) == expected);
}

}  // namespace
}  // namespace stockfold
