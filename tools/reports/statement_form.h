// Statements as they are told: text that lines up, records for spreadsheets, or JSON.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/event.h"
#include "core/ids.h"
#include "core/numbers.h"
#include "core/state.h"
#include "core/statement.h"

namespace stockfold {

enum class Form : std::uint8_t { text, json, csv };

/// The parts of a product's statement, in order: the opening, movements, the closing.
class ProductForm {
 public:
  virtual ~ProductForm() = default;
  /// `from`: the first position that is counted.
  virtual std::string opening(Units stock, GlobalPosition from) = 0;
  virtual void add(const RecordedEvent& event, const Movement& movement) = 0;
  /// The movements since the last call.
  virtual std::string take() = 0;
  /// `stock`: that of the opening. `to`: the last position that is counted.
  virtual std::string closing(const ProductStatement& statement, Units stock, GlobalPosition to) = 0;
};
[[nodiscard]] std::unique_ptr<ProductForm> product_form(Form form, const Sku& sku);

/// The same of an order's, whose state is empty while there is none.
class OrderForm {
 public:
  virtual ~OrderForm() = default;
  virtual std::string opening(const std::optional<Order>& order, GlobalPosition from) = 0;
  /// `order`: what the event made of it. What this leaves out comes with the closing.
  virtual std::string event(const RecordedEvent& event, const Order& order) = 0;
  virtual std::string closing(const std::optional<Order>& order, GlobalPosition to) = 0;
};
[[nodiscard]] std::unique_ptr<OrderForm> order_form(Form form, const OrderId& id);

}  // namespace stockfold
