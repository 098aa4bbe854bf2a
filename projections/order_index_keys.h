// Keys of the rows of the view "order_index", as its projection and its readers use them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/numbers.h"
#include "core/order_status.h"

namespace stockfold {

/// The sets of orders whose rows are blocks. A set is a prefix of keys: behind it comes the number of the
/// block, 8 bytes big-endian.
namespace order_blocks {
/// Every order.
inline constexpr std::string_view kAll = "a";
/// The orders with a line at the location main.
inline constexpr std::string_view kAtMain = "m";
std::string of_status(OrderStatus status);
}  // namespace order_blocks

/// The sets of orders whose rows are chunks. A set is a prefix of keys: behind it come 8 bytes, big-endian.
/// For the latest chunk, to which new orders are added, they are kLatestChunk. For every other one they are a
/// position that none of its positions lies below and that all of the chunk before lie below.
namespace order_chunks {
/// Drafts with a line of this product.
std::string drafts_of(std::string_view sku);
/// Orders with a line of this product that began as drafts and are drafts no more.
std::string drafted_of(std::string_view sku);
/// What open_of() returns for every location of a product begins with this.
std::string open_of_product(std::string_view sku);
/// Orders in progress with a line of this product at this location; main is the empty one.
std::string open_of(std::string_view sku, std::string_view location);
/// The location in a key that begins with open_of_product(), `prefix`; empty if `key` is none.
std::optional<std::string_view> location_in(std::string_view key, std::string_view prefix);
/// Orders with a line at this location, which is not main.
std::string at_location(std::string_view location);
std::string of_reference(std::string_view reference);
}  // namespace order_chunks

inline constexpr std::uint64_t kLatestChunk = 0xFFFF'FFFF'FFFF'FFFF;

/// The key of a row with a number: `prefix`, and the number as 8 bytes big-endian.
std::string numbered_key(std::string_view prefix, std::uint64_t number);
/// The same; overwrites `key`.
void numbered_key(std::string_view prefix, std::uint64_t number, std::string& key);
/// The number in such a key; empty if `key` is not one with this prefix.
std::optional<std::uint64_t> number_in_key(std::string_view key, std::string_view prefix);

/// With the number of an id row: the ids of the orders that began there.
inline constexpr std::string_view kIdsPrefix = "i";
/// With an order number: the position of the first order of an id row whose id is a number greater than all
/// before, and is this one.
inline constexpr std::string_view kNumberPrefix = "n";
/// With a time: the position of the first order of a block, committed at that time.
inline constexpr std::string_view kTimePrefix = "t";
/// With a position: the products and locations of an order in progress that began there and has several
/// lines.
inline constexpr std::string_view kLinesPrefix = "w";
/// With an order id: the position at which an order that is not closed began, unless its id is a number that
/// was greater than all before.
inline constexpr std::string_view kFirstPrefix = "f";
/// The greatest number that was an order's id.
inline constexpr std::string_view kHighestNumberKey = "h";

/// A row that is one number.
void encode_number(std::uint64_t number, std::string& bytes);
std::optional<std::uint64_t> decode_number(std::string_view bytes);

}  // namespace stockfold
