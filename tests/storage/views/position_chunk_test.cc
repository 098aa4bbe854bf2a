#include "storage/views/position_chunk.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "storage/golden.h"

namespace stockfold {
namespace {

using namespace std::string_literals;

std::string row_of(const std::vector<GlobalPosition>& positions, GlobalPosition lowest) {
  std::string row = "what was there before";
  encode(positions, lowest, row);
  return row;
}

RC_GTEST_PROP(PositionChunk, RoundTripsEveryPosition, ()) {
  const GlobalPosition lowest(*rc::gen::inRange<std::uint64_t>(0, 1'000'000));
  std::vector<GlobalPosition> positions;
  std::uint64_t last = lowest.value() + *rc::gen::inRange<std::uint64_t>(0, 2);
  const auto count = *rc::gen::inRange<std::size_t>(1, kChunkPositions + 1);
  for (std::size_t i = 0; i < count; ++i) {
    positions.emplace_back(last);
    last += *rc::gen::inRange<std::uint64_t>(1, std::uint64_t{1} << *rc::gen::inRange(1, 50));
  }
  const std::string row = row_of(positions, lowest);
  RC_ASSERT(decode_chunk(row, lowest).value() == positions);
  std::string appended;
  GlobalPosition before = lowest;
  for (const GlobalPosition position : positions) {
    append_to_chunk(appended, std::exchange(before, position), position);
  }
  RC_ASSERT(appended == row);
}

RC_GTEST_PROP(PositionChunk, ReencodesArbitraryBytesExactlyOrRejectsThem, (const std::string& bytes)) {
  if (const auto positions = decode_chunk(bytes, GlobalPosition(7))) {
    RC_ASSERT(row_of(*positions, GlobalPosition(7)) == bytes);
  }
}

TEST(PositionChunk, LaysOutPositionsAsDocumented) {
  const std::string row =
      row_of({GlobalPosition(300), GlobalPosition(301), GlobalPosition(603)}, GlobalPosition(300));
  EXPECT_EQ(row, "\x00\x01\xAE\x02"s);
  expect_golden("views/position_chunk-1.hex", row);
}

TEST(PositionChunk, RejectsInvalidRows) {
  EXPECT_FALSE(decode_chunk("", GlobalPosition(1)));
  EXPECT_FALSE(decode_chunk("\x05\x00"s, GlobalPosition(1))) << "positions ascend";
  EXPECT_FALSE(decode_chunk("\x80", GlobalPosition(1))) << "cut short";
  EXPECT_TRUE(decode_chunk(std::string(kChunkPositions, '\1'), GlobalPosition(1)));
  EXPECT_FALSE(decode_chunk(std::string(kChunkPositions + 1, '\1'), GlobalPosition(1)));
}

}  // namespace
}  // namespace stockfold
