#include "storage/views/posting_block.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace stockfold {
namespace {

std::string block_of(const std::vector<GlobalPosition>& positions) {
  std::string block;
  GlobalPosition last;
  for (const GlobalPosition position : positions) {
    append_position(block, last, position);
    last = position;
  }
  return block;
}

RC_GTEST_PROP(PostingBlock, RoundTripsEveryPosition, ()) {
  std::vector<GlobalPosition> positions;
  std::uint64_t last = 0;
  const auto count = *rc::gen::inRange<std::size_t>(1, kBlockPositions + 1);
  for (std::size_t i = 0; i < count; ++i) {
    last += *rc::gen::inRange<std::uint64_t>(1, std::uint64_t{1} << *rc::gen::inRange(1, 50));
    positions.emplace_back(last);
  }
  RC_ASSERT(decode_positions(block_of(positions)).value() == positions);
}

RC_GTEST_PROP(PostingBlock, ReencodesArbitraryBytesExactlyOrRejectsThem, (const std::string& bytes)) {
  if (const auto positions = decode_positions(bytes)) RC_ASSERT(block_of(*positions) == bytes);
}

TEST(PostingBlock, LaysOutPositionsAsDocumented) {
  EXPECT_EQ(block_of({GlobalPosition(300), GlobalPosition(301), GlobalPosition(303)}), "\xAC\x02\x01\x02");
}

TEST(PostingBlock, RejectsInvalidBlocks) {
  EXPECT_FALSE(decode_positions(""));
  EXPECT_FALSE(decode_positions(std::string("\x05\x00", 2))) << "positions ascend";
  EXPECT_FALSE(decode_positions("\x80")) << "cut short";
  EXPECT_TRUE(decode_positions(std::string(kBlockPositions, '\1')));
  EXPECT_FALSE(decode_positions(std::string(kBlockPositions + 1, '\1')));
}

}  // namespace
}  // namespace stockfold
