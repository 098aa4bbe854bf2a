// Rows of views as bytes: the state of one product or order, a receipt. The format is docs/DATA_FORMAT.md,
// "Rows".
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "core/answer.h"
#include "core/state.h"

namespace stockfold {

std::string encode(const Product& product);
std::string encode(const Order& order);
std::string encode(const Receipt& receipt);

/// The error says what is wrong with the bytes. Nothing is allocated beyond a small multiple of their number.
std::expected<Product, std::string> decode_product(std::string_view bytes);
std::expected<Order, std::string> decode_order(std::string_view bytes);
std::expected<Receipt, std::string> decode_receipt(std::string_view bytes);

}  // namespace stockfold
