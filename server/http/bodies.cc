#include "server/http/bodies.h"

#include <optional>
#include <string_view>
#include <utility>

#include "server/http/claims.h"

namespace stockfold {
namespace {

Quantity quantity_of(HttpFields& fields) {
  return static_cast<Quantity>(fields.number("quantity", 1, kMaxQuantity));
}

std::string reason_of(HttpFields& fields) { return fields.text("reason", kMaxReasonBytes); }

/// Rejects ids of new orders and products that no path can contain.
template <class Id>
void check_new(HttpFields& fields, std::string_view name, const Id& id) {
  if (is_dots(id.view())) fields.fail(name, "must not be made of dots alone");
}

/// One product, or lines; both if they agree.
Lines lines_of(HttpFields& fields) {
  auto lines = fields.lines();
  const bool has_product = fields.has("product");
  const bool has_quantity = fields.has("quantity");
  const Line line{fields.id<Sku>("product"), has_quantity ? quantity_of(fields) : Quantity{1}};
  if (!lines) return {};
  if (lines->empty()) {
    if (!has_product) fields.fail("product", "an order needs a product, or lines");
    return {line};
  }
  const bool is_only_line = has_product && lines->size() == 1 && lines->front().sku == line.sku;
  if (has_product && !is_only_line) fields.fail("product", "not together with lines of other products");
  if (has_quantity && (!is_only_line || lines->front().quantity != line.quantity)) {
    fields.fail("quantity", "not together with lines of other quantities");
  }
  return *std::move(lines);
}

}  // namespace

RegisterProduct new_product(HttpFields& fields) {
  const auto sku = id_of_either<Sku>(fields, "sku", "product");
  if (!sku) fields.fail("sku", "a product needs a SKU");
  RegisterProduct product{.sku = sku.value_or(Sku()), .name = {}, .stock = 0};
  check_new(fields, "sku", product.sku);
  product.name = fields.text("name", kMaxNameBytes);
  product.stock = stock_in(fields, product.sku).value_or(0);
  compare_with_new_product(fields, product);
  return product;
}

CommandBody new_order(HttpFields& fields) {
  const auto order = id_of_either<OrderId>(fields, "id", "order");
  if (order) check_new(fields, "id", *order);
  Lines lines = lines_of(fields);
  const bool is_draft = fields.flag("draft");
  compare_with_new_order(fields, is_draft ? OrderStatus::draft : OrderStatus::in_progress);
  if (is_draft) return DraftOrder{order, std::move(lines)};
  return PlaceOrder{order, std::move(lines)};
}

ReceiveStock received(const Sku& sku, HttpFields& fields) {
  const Quantity quantity = quantity_of(fields);
  return {sku, quantity, reason_of(fields)};
}

WriteOffStock written_off(const Sku& sku, HttpFields& fields) {
  const Quantity quantity = quantity_of(fields);
  return {sku, quantity, reason_of(fields)};
}

RetireProduct retired(const Sku& sku, HttpFields& /*it has none*/) { return {sku}; }

PlaceOrder placed_draft(const OrderId& order, HttpFields& /*it has none*/) { return {order, {}}; }

AbortOrder aborted(const OrderId& order, HttpFields& fields) { return {order, reason_of(fields)}; }

FulfilOrder fulfilled(const OrderId& order, HttpFields& fields) { return {order, reason_of(fields)}; }

}  // namespace stockfold
