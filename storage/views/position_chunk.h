// Some ascending positions of one set as bytes: a row of the view "order_index". The format is
// docs/DATA_FORMAT.md, "Rows".
#pragma once

#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/numbers.h"

namespace stockfold {

/// The most positions of one row. Every batch that adds to a set writes its last row again, so longer rows
/// cost writes and shorter ones cost rows.
inline constexpr std::size_t kChunkPositions = 128;

/// Replaces `bytes` by the positions, 1 to kChunkPositions, none below `lowest`.
void encode(std::span<const GlobalPosition> positions, GlobalPosition lowest, std::string& bytes);
/// Appends the position after `last`. For a row that has none yet, `last` is the lowest position.
void append_to_chunk(std::string& bytes, GlobalPosition last, GlobalPosition position);
/// 1 to kChunkPositions positions, ascending, none below `lowest`. The error says what is wrong with the
/// bytes.
std::expected<std::vector<GlobalPosition>, std::string> decode_chunk(std::string_view bytes,
                                                                     GlobalPosition lowest);

}  // namespace stockfold
