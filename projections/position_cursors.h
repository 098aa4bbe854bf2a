// Cursors over sets of positions in both directions, and over their unions and intersections.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/fault.h"
#include "core/numbers.h"
#include "storage/views/view_store.h"

namespace stockfold {

/// In which order positions are visited.
enum class PositionOrder : std::uint8_t { newest_first, oldest_first };

/// The positions of a set at one instant. One thread; what it reads must outlive it.
class PositionCursor {
 public:
  virtual ~PositionCursor() = default;
  /// The first position of the set, in the order of the cursor, at or after `from`; empty if there is none.
  /// From call to call `from` does not go back, and there is no call after one that found none.
  [[nodiscard]] virtual Result<std::optional<GlobalPosition>> seek(GlobalPosition from) = 0;
};
using PositionCursors = std::vector<std::unique_ptr<PositionCursor>>;

/// A set of "order_index" whose rows are blocks.
std::unique_ptr<PositionCursor> block_cursor(const ViewSnapshot& index, std::string_view set,
                                             PositionOrder order);
/// A set of "order_index" whose rows are chunks.
std::unique_ptr<PositionCursor> chunk_cursor(const ViewSnapshot& index, std::string_view set,
                                             PositionOrder order);
/// The events of a product, from "streams".
std::unique_ptr<PositionCursor> stream_cursor(const ViewSnapshot& streams, std::string_view sku,
                                              PositionOrder order);
/// The positions that any of the sets holds.
std::unique_ptr<PositionCursor> union_of(PositionCursors sets, PositionOrder order);
/// The positions that all of the sets hold; there is at least one.
std::unique_ptr<PositionCursor> intersection_of(PositionCursors sets);

}  // namespace stockfold
