// Where the rows of the views lie that both a projection and its readers name.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "core/ids.h"
#include "core/movements.h"
#include "core/numbers.h"
#include "storage/views/posting_block.h"

namespace stockfold {

/// In "stock", before the SKU in the key of a product as it is now.
inline constexpr std::string_view kProductPrefix = "p";
/// In "stock", the key of a product as it is now.
std::string product_key(std::string_view sku);
/// The same in the place of what `key` held.
void product_key(std::string_view sku, std::string& key);
/// In "stock", the key of a product as it was after its last change within an interval: an h, the SKU, a byte
/// 0, and what the number of the interval is short of 2^64 - 1, 8 bytes big-endian. So of one product's rows
/// the latest comes first.
std::string history_key(std::string_view sku, std::uint64_t interval);

/// In "orders", the row of the next order number: no order's id holds a byte 0. Value: the number, 8 bytes
/// big-endian.
inline constexpr std::string_view kNextOrderKey{"\0next", 5};
/// In "orders", not above the key of any order, and above kNextOrderKey.
inline constexpr std::string_view kFirstOrderKey{"\1", 1};

/// In "receipts": the 16 bytes of the id.
std::string_view receipt_key(const CommandId& id);

/// In "streams": the block that holds a version, 0 for versions 1 to kBlockPositions.
constexpr std::uint64_t block_of(StreamVersion version) { return (version.value() - 1) / kBlockPositions; }
/// In "streams", the key of a block of a product's stream, in the place of what `key` held: the SKU, a byte
/// 0, the number of the block, 8 bytes big-endian.
void posting_key(std::string_view sku, std::uint64_t block, std::string& key);

/// In "movements", the key of a product's day, in the place of what `key` held: the SKU, a byte 0, the number
/// of the day, 4 bytes big-endian.
void movement_key(std::string_view sku, Day day, std::string& key);
/// The day that such a key of this product names; empty where it is none.
std::optional<Day> day_in(std::string_view key, std::string_view sku);

/// The next order number that a row holds, 1 where there is no row. Empty where the row is damaged.
std::optional<std::uint64_t> next_order_number_in(const std::optional<std::string>& row);

}  // namespace stockfold
