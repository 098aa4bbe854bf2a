// Statements as the program prints them: text that lines up, records for spreadsheets, or JSON.
#pragma once

#include <cstdint>
#include <memory>

#include "core/ids.h"
#include "protocol/text/statement_form.h"

namespace stockfold {

enum class Form : std::uint8_t { text, json, csv };

[[nodiscard]] std::unique_ptr<ProductForm> product_form(Form form, const Sku& sku);
[[nodiscard]] std::unique_ptr<OrderForm> order_form(Form form, const OrderId& id);

}  // namespace stockfold
