// Statements as JSON Lines: what `stockfold explain --json` prints and HTTP answers.
#pragma once

#include <string>

#include "core/ids.h"
#include "protocol/text/statement_form.h"

namespace stockfold {

class ProductJsonForm final : public ProductForm {
 public:
  explicit ProductJsonForm(const Sku& sku) : sku_(sku) {}

  void opening(Units stock, GlobalPosition from) override;
  void movement(const RecordedEvent& event, const Movement& movement) override;
  void closing(const ProductStatement& statement, Units stock, GlobalPosition to) override;
  std::string take() override;

 private:
  Sku sku_;
  std::string lines_;
};

class OrderJsonForm final : public OrderForm {
 public:
  explicit OrderJsonForm(const OrderId& id) : id_(id) {}

  void opening(const std::optional<Order>& order, GlobalPosition from) override;
  void event(const RecordedEvent& event, const Order& order) override;
  void closing(const std::optional<Order>& order, GlobalPosition to) override;
  std::string take() override;

 private:
  OrderId id_;
  std::string lines_;
};

}  // namespace stockfold
