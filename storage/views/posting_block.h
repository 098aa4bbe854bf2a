// The positions of consecutive events of one stream as bytes: a row of the view "streams". The format is
// docs/DATA_FORMAT.md, "Rows".
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "core/numbers.h"

namespace stockfold {

/// How many versions one block holds. Block b holds those from b * kBlockPositions + 1 on. Every batch that
/// adds to a stream writes its last block again, so larger blocks cost writes and smaller ones cost rows.
inline constexpr std::size_t kBlockPositions = 64;

/// Adds a position to a block whose last position is `last`. For an empty block, `last` is ignored. Positions
/// ascend.
void append_position(std::string& block, GlobalPosition last, GlobalPosition position);

/// 1 to kBlockPositions positions, ascending. The error says what is wrong with the bytes.
std::expected<std::vector<GlobalPosition>, std::string> decode_positions(std::string_view block);

}  // namespace stockfold
