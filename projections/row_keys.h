// Keys of view rows that both a projection and its readers use.
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

/// In "stock": the prefix of the SKU in the key of a product as it is now.
inline constexpr std::string_view kProductPrefix = "p";
/// In "stock": the key of a product as it is now.
std::string product_key(std::string_view sku);
/// The same; overwrites `key`.
void product_key(std::string_view sku, std::string& key);
/// In "stock": the key of a product as it was after its last change within an interval. The key is an h, the
/// SKU, a byte 0, and 2^64 - 1 less the interval's number, 8 bytes big-endian. So the latest of a product's
/// rows comes first.
std::string history_key(std::string_view sku, std::uint64_t interval);

/// In "orders": the key of the row of the next order number. No order id holds a byte 0. Value: the number, 8
/// bytes big-endian.
inline constexpr std::string_view kNextOrderKey{"\0next", 5};
/// In "orders": not above the key of any order, and above kNextOrderKey.
inline constexpr std::string_view kFirstOrderKey{"\1", 1};

/// In "receipts": the 16 bytes of the id.
std::string_view receipt_key(const CommandId& id);

/// In "streams": the block that holds a version; 0 for versions 1 to kBlockPositions.
constexpr std::uint64_t block_of(StreamVersion version) { return (version.value() - 1) / kBlockPositions; }
/// In "streams": the key of a block of a product's stream. Overwrites `key` with the SKU, a byte 0, and the
/// number of the block, 8 bytes big-endian.
void posting_key(std::string_view sku, std::uint64_t block, std::string& key);

/// In "movements": the key of a product's day. Overwrites `key` with the SKU, a byte 0, and the number of the
/// day, 4 bytes big-endian.
void movement_key(std::string_view sku, Day day, std::string& key);
/// The day in such a key of this product; empty if `key` is not one.
std::optional<Day> day_in(std::string_view key, std::string_view sku);
/// In "quarters": the same with the number of the quarter.
void movement_key(std::string_view sku, Quarter quarter, std::string& key);
std::optional<Quarter> quarter_in(std::string_view key, std::string_view sku);

/// The next order number that a row holds; 1 if there is no row. Empty if the row is damaged.
std::optional<std::uint64_t> next_order_number_in(const std::optional<std::string>& row);

}  // namespace stockfold
