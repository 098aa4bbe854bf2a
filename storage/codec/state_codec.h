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

/// An order and where the events lie that made it. There are at most three, one a version: drafted, placed,
/// aborted or fulfilled. The latest lies at `order.changed_at`.
struct StoredOrder {
  static constexpr std::size_t kMostEarlier = 2;

  Order order;
  std::array<GlobalPosition, kMostEarlier>
      earlier{};  ///< Of versions 1 and 2, as far as they are not the latest.

  friend bool operator==(const StoredOrder&, const StoredOrder&) = default;
};

std::string encode(const Product& product);
std::string encode(const StoredOrder& order);
/// A row of one receipt.
std::string encode(const Receipt& receipt);

/// The same, in the place of what `bytes` held.
void encode(const Product& product, std::string& bytes);
void encode(const StoredOrder& order, std::string& bytes);
void encode(const Receipt& receipt, std::string& bytes);
void encode(const MovementSums& sums, std::string& bytes);
/// Behind the receipts that the row holds already.
void append(const Receipt& receipt, std::string& row);

/// The error says what is wrong with the bytes. Nothing is allocated beyond a small multiple of their number.
std::expected<Product, std::string> decode_product(std::string_view bytes);
std::expected<StoredOrder, std::string> decode_order(std::string_view bytes);
/// At least one.
std::expected<Receipts, std::string> decode_receipts(std::string_view bytes);
std::expected<MovementSums, std::string> decode_movements(std::string_view bytes);

}  // namespace stockfold
