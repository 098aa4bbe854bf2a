#include "storage/views/posting_block.h"

#include <cassert>
#include <cstdint>
#include <limits>

#include "storage/codec/bounded_archive.h"

namespace stockfold {

void append_position(std::string& block, GlobalPosition last, GlobalPosition position) {
  const std::uint64_t before = block.empty() ? 0 : last.value();
  assert(before < position.value());
  append_number(block, position.value() - before);
}

std::expected<std::vector<GlobalPosition>, std::string> decode_positions(std::string_view block) {
  std::vector<GlobalPosition> positions;
  positions.reserve(kBlockPositions);
  BoundedInput archive(block);
  archive.enter("position");
  std::uint64_t last = 0;
  do {
    if (positions.size() == kBlockPositions) return std::unexpected("more positions than a block holds");
    const std::uint64_t step = archive.take_number(std::numeric_limits<std::uint64_t>::max() - last);
    if (archive.ok() && step == 0) archive.fail("positions that do not ascend");
    if (!archive.ok()) return std::unexpected(archive.error());
    last += step;
    positions.emplace_back(last);
  } while (!archive.rest().empty());
  return positions;
}

}  // namespace stockfold
