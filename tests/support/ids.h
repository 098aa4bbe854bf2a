// Ids written as text.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include "core/ids.h"

namespace stockfold {

/// The text must be an id.
inline Sku sku(std::string_view text) { return Sku::parse(text).value(); }
inline OrderId order_id(std::string_view text) { return OrderId::parse(text).value(); }

/// "product-7", "order-7".
template <std::integral Number>
Sku nth_product(Number n) {
  return sku("product-" + std::to_string(n));
}
template <std::integral Number>
OrderId nth_order(Number n) {
  return order_id("order-" + std::to_string(n));
}

}  // namespace stockfold
