#include "storage/views/position_chunk.h"

#include <cassert>
#include <cstdint>
#include <limits>

#include "storage/codec/bounded_archive.h"

namespace stockfold {

void append_to_chunk(std::string& bytes, GlobalPosition last, GlobalPosition position) {
  assert(bytes.empty() ? last <= position : last < position);
  append_number(bytes, position.value() - last.value());
}

void encode(std::span<const GlobalPosition> positions, GlobalPosition lowest, std::string& bytes) {
  assert(!positions.empty() && positions.size() <= kChunkPositions);
  bytes.clear();
  for (const GlobalPosition position : positions) {
    append_to_chunk(bytes, lowest, position);
    lowest = position;
  }
}

std::expected<std::vector<GlobalPosition>, std::string> decode_chunk(std::string_view bytes,
                                                                     GlobalPosition lowest) {
  std::vector<GlobalPosition> positions;
  positions.reserve(kChunkPositions);
  BoundedInput archive(bytes);
  archive.enter("position");
  std::uint64_t last = lowest.value();
  do {
    if (positions.size() == kChunkPositions) return std::unexpected("more positions than a row holds");
    const std::uint64_t step = archive.take_number(std::numeric_limits<std::uint64_t>::max() - last);
    if (archive.ok() && step == 0 && !positions.empty()) archive.fail("positions that do not ascend");
    if (!archive.ok()) return std::unexpected(archive.error());
    last += step;
    positions.emplace_back(last);
  } while (!archive.rest().empty());
  return positions;
}

}  // namespace stockfold
