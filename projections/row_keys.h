// Where the rows of the views lie that both a projection and its readers name.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "core/ids.h"
#include "core/numbers.h"

namespace stockfold {

/// In "orders", the row of the next order number: no order's id holds a byte 0. Value: the number, 8 bytes
/// big-endian.
inline constexpr std::string_view kNextOrderKey{"\0next", 5};
/// In "orders", not above the key of any order, and above kNextOrderKey.
inline constexpr std::string_view kFirstOrderKey{"\1", 1};

/// In "receipts": the 16 bytes of the id.
std::string_view receipt_key(const CommandId& id);

/// In "streams", what the keys of one stream start with: 'o' or 'p', the id, a byte 0.
std::string stream_prefix(const StreamId& stream);
/// In "streams": the prefix and the version, 8 bytes big-endian. Value: the position, 8 bytes big-endian.
std::string stream_key(std::string_view prefix, StreamVersion version);

/// The next order number that a row holds, 1 where there is no row. Empty where the row is damaged.
std::optional<std::uint64_t> next_order_number_in(const std::optional<std::string>& row);

}  // namespace stockfold
