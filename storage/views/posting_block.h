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

/// Versions that one block holds: block b those from b * kBlockPositions + 1 on. The last block of a stream
/// is written again with every batch that adds to it, so a larger one costs writes; a smaller one costs rows.
inline constexpr std::size_t kBlockPositions = 64;

/// Adds a position to a block whose last is `last`; to an empty block, whatever `last` says. Positions
/// ascend.
void append_position(std::string& block, GlobalPosition last, GlobalPosition position);

/// 1 to kBlockPositions positions, ascending. The error says what is wrong with the bytes.
std::expected<std::vector<GlobalPosition>, std::string> decode_positions(std::string_view block);

}  // namespace stockfold
