// Rows of views as bytes: the state of one product or order, a receipt. The format is docs/DATA_FORMAT.md,
// "Rows".
#pragma once

#include <array>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "core/movements.h"
#include "core/numbers.h"
#include "core/outcome.h"
#include "core/state.h"

namespace stockfold {

/// An order and the positions of its events. There are at most three events, one a version: drafted, placed,
/// aborted or fulfilled. The latest is at `order.changed_at`.
struct StoredOrder {
  static constexpr std::size_t kMostEarlier = 2;

  Order order;
  std::array<GlobalPosition, kMostEarlier> earlier{};  ///< Of versions 1 and 2, unless they are the latest.

  friend bool operator==(const StoredOrder&, const StoredOrder&) = default;
};

std::string encode(const Product& product);
std::string encode(const StoredOrder& order);
/// Encodes a row of one receipt.
std::string encode(const Receipt& receipt);

/// The same, replacing what `bytes` held.
void encode(const Product& product, std::string& bytes);
void encode(const StoredOrder& order, std::string& bytes);
void encode(const Receipt& receipt, std::string& bytes);
void encode(const MovementSums& sums, std::string& bytes);
/// Appends a receipt behind those that the row already holds.
void append(const Receipt& receipt, std::string& row);

/// The error says what is wrong with the bytes. Never allocates more than a small multiple of the bytes.
std::expected<Product, std::string> decode_product(std::string_view bytes);
std::expected<StoredOrder, std::string> decode_order(std::string_view bytes);
/// Returns at least one receipt.
std::expected<Receipts, std::string> decode_receipts(std::string_view bytes);
std::expected<MovementSums, std::string> decode_movements(std::string_view bytes);

}  // namespace stockfold
