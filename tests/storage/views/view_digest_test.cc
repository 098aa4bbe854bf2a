#include "storage/views/view_digest.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "storage/golden.h"
#include "support/memory_views.h"

namespace stockfold {
namespace {

using Rows = std::map<std::string, std::string>;

ViewCheckpoint checkpoint_of(std::uint64_t position, std::uint32_t version = 1) {
  return {version, {}, Epoch(1), GlobalPosition(position), {}};
}

void write(View& view, const Rows& rows, const ViewCheckpoint& checkpoint) {
  RowChanges changes;
  for (const auto& [key, value] : rows) changes.put(key, value);
  ASSERT_TRUE(view.write(changes, checkpoint));
}

std::string digest_of_rows(std::string_view name, const Rows& rows, const ViewCheckpoint& checkpoint) {
  MemoryViewStore store({std::string(name)});
  write(store.view(name), rows, checkpoint);
  return to_hex(digest_of(name, *store.view(name).snapshot()).value());
}

std::string bytes_of(const ViewDigest& digest) {
  return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}

// The golden digests were made without this program, by hashing the bytes that docs/DATA_FORMAT.md shows.
TEST(ViewDigest, MatchesGoldenFiles) {
  MemoryViewStore store({"stock", "orders"});
  write(store.view("stock"), {{"A", "one"}, {"B", ""}}, checkpoint_of(5));
  expect_golden("views/digest_stock-1.hex",
                bytes_of(digest_of("stock", *store.view("stock").snapshot()).value()));
  expect_golden("views/digest_nothing-1.hex",
                bytes_of(digest_of("orders", *store.view("orders").snapshot()).value()));
}

TEST(ViewDigest, DiffersByViewVersionAndPosition) {
  const Rows rows{{"A", "1"}};
  const std::string digest = digest_of_rows("stock", rows, checkpoint_of(5));
  EXPECT_NE(digest_of_rows("orders", rows, checkpoint_of(5)), digest);
  EXPECT_NE(digest_of_rows("stock", rows, checkpoint_of(6)), digest);
  EXPECT_NE(digest_of_rows("stock", rows, checkpoint_of(5, 2)), digest);
}

TEST(ViewDigest, SeparatesKeysFromValues) {
  EXPECT_NE(digest_of_rows("stock", {{"AB", "C"}}, checkpoint_of(5)),
            digest_of_rows("stock", {{"A", "BC"}}, checkpoint_of(5)));
  EXPECT_NE(digest_of_rows("stock", {{"A", ""}, {"B", ""}}, checkpoint_of(5)),
            digest_of_rows("stock", {{"A", "B"}}, checkpoint_of(5)));
}

RC_GTEST_PROP(ViewDigest, IgnoresHowRowsWereWritten, (const Rows& drawn)) {
  Rows rows;
  for (const auto& [key, value] : drawn) rows["k" + key.substr(0, 255)] = value;
  std::vector<std::pair<std::string, std::string>> shuffled(rows.begin(), rows.end());
  std::ranges::shuffle(shuffled, std::mt19937_64(*rc::gen::arbitrary<std::uint64_t>()));

  MemoryViewStore store({"stock"});
  View& stock = store.view("stock");
  RC_ASSERT(stock.write({{"gone again", "1"}}, checkpoint_of(1)).has_value());
  std::uint64_t position = 2;
  for (const auto& [key, value] : shuffled) {
    RC_ASSERT(stock.write({{key, "an earlier value"}}, checkpoint_of(position++)).has_value());
    RC_ASSERT(stock.write({{key, value}}, checkpoint_of(position++)).has_value());
  }
  RC_ASSERT(stock.write({{"gone again", std::nullopt}}, checkpoint_of(position)).has_value());
  RC_ASSERT(to_hex(digest_of("stock", *stock.snapshot()).value()) ==
            digest_of_rows("stock", rows, checkpoint_of(position)));
}

TEST(Sha256, IgnoresHowBytesAreSplit) {
  const std::string bytes(1'000, 'x');
  for (const std::size_t cut : {0U, 1U, 63U, 64U, 65U, 999U}) {
    Sha256 hash;
    hash.add(std::string_view(bytes).substr(0, cut));
    hash.add(std::string_view(bytes).substr(cut));
    EXPECT_EQ(hash.finish(), sha256(bytes)) << cut;
  }
}

}  // namespace
}  // namespace stockfold
