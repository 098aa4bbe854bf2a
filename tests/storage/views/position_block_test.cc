#include "storage/views/position_block.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "storage/golden.h"

namespace stockfold {
namespace {

using namespace std::string_literals;

constexpr std::size_t kPlaces = PositionBlock::kPlaces;

PositionBlock block_with(const std::vector<std::size_t>& places) {
  PositionBlock block;
  for (const std::size_t place : places) block.add(place);
  return block;
}

std::string row_of(const PositionBlock& block) {
  std::string row = "what was there before";
  encode(block, row);
  return row;
}

/// A set of places, of any density.
std::set<std::size_t> any_places() {
  std::set<std::size_t> places;
  const auto step = *rc::gen::inRange<std::size_t>(1, 500);
  std::size_t place = *rc::gen::inRange<std::size_t>(0, kPlaces);
  for (; place < kPlaces; place += *rc::gen::inRange<std::size_t>(1, step + 1)) places.insert(place);
  return places;
}

RC_GTEST_PROP(PositionBlock, RoundTripsEverySet, ()) {
  const auto places = any_places();
  const PositionBlock block = block_with({places.begin(), places.end()});
  const std::string row = row_of(block);
  RC_ASSERT(decode_position_block(row).value() == block);
  RC_ASSERT(row.size() <= 1 + kPlaces / 8);
}

RC_GTEST_PROP(PositionBlock, AnswersAsASetDoes, ()) {
  const auto places = any_places();
  const PositionBlock block = block_with({places.begin(), places.end()});
  for (int i = 0; i < 20; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, kPlaces);
    const auto next = places.lower_bound(at);
    const auto beyond = places.upper_bound(at);
    RC_ASSERT(block.has(at) == places.contains(at));
    RC_ASSERT(block.first_from(at) == (next == places.end() ? std::nullopt : std::optional(*next)));
    RC_ASSERT(block.last_to(at) ==
              (beyond == places.begin() ? std::nullopt : std::optional(*std::prev(beyond))));
    const auto end = *rc::gen::inRange<std::size_t>(at, kPlaces + 1);
    RC_ASSERT(block.count(at, end) ==
              static_cast<std::size_t>(std::distance(next, places.lower_bound(std::max(at, end)))));
  }
}

RC_GTEST_PROP(PositionBlock, ReadsArbitraryBytesAsASetOrRejectsThem, (const std::string& bytes)) {
  if (const auto block = decode_position_block(bytes)) {
    RC_ASSERT(decode_position_block(row_of(*block)).value() == *block);
  }
}

TEST(PositionBlock, KeepsWhatWasNotRemoved) {
  PositionBlock block = block_with({0, 63, 64, 4'095});
  block.remove(63);
  block.remove(4'095);
  EXPECT_EQ(block, block_with({0, 64}));
  block.remove(0);
  block.remove(64);
  EXPECT_TRUE(block.empty());
  EXPECT_EQ(block.first_from(0), std::nullopt);
  EXPECT_EQ(block.last_to(kPlaces - 1), std::nullopt);
}

TEST(PositionBlock, LaysOutSetsAsDocumented) {
  EXPECT_EQ(row_of(block_with({5, 6, 7, 300})), "\x01\x05\x03\xA4\x02\x01"s) << "runs";
  EXPECT_EQ(row_of(block_with({0, 2, 4, 6, 8})), "\x02\x55\x01"s) << "a bitmap";
  std::vector<std::size_t> all(kPlaces);
  for (std::size_t i = 0; i < kPlaces; ++i) all[i] = i;
  EXPECT_EQ(row_of(block_with(all)), "\x01\x00\x80\x20"s);
  std::string rows;
  for (const auto& places : {std::vector<std::size_t>{5, 6, 7, 300}, {0, 2, 4, 6, 8}, {4'095}}) {
    rows += row_of(block_with(places));
  }
  expect_golden("views/position_blocks-1.hex", rows);
}

TEST(PositionBlock, RejectsInvalidRows) {
  EXPECT_FALSE(decode_position_block(""));
  EXPECT_FALSE(decode_position_block("\x01")) << "no position";
  EXPECT_FALSE(decode_position_block("\x02")) << "no position";
  EXPECT_FALSE(decode_position_block("\x03\x01")) << "an unknown form";
  EXPECT_FALSE(decode_position_block("\x01\x05\x00"s)) << "an empty run";
  EXPECT_FALSE(decode_position_block("\x01\x05\x01\x00\x01"s)) << "runs that meet";
  EXPECT_FALSE(decode_position_block("\x01\x05"s)) << "cut short";
  EXPECT_FALSE(decode_position_block("\x01\x01\x80\x20"s)) << "beyond the block";
  EXPECT_FALSE(decode_position_block("\x02\x01\x00"s)) << "zeros at the end";
  EXPECT_FALSE(decode_position_block("\x02" + std::string(513, '\1'))) << "beyond the block";
}

}  // namespace
}  // namespace stockfold
