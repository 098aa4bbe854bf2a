#include "core/rules.h"

#include <functional>

namespace stockfold {
namespace {

template <class Id, class State>
Refusal refusal(Rule rule, const Seen<Id, State>& seen) {
  Refusal refusal;
  refusal.rule = rule;
  refusal.subject = StreamId::of(seen.id);
  refusal.actual = seen.version();
  if (seen.state == nullptr) return refusal;
  refusal.state = *seen.state;
  refusal.obstacle = seen.state->changed_at;
  return refusal;
}

Refusal refusal(Rule rule, const SeenProduct& product, GlobalPosition obstacle) {
  Refusal refused = refusal(rule, product);
  refused.obstacle = obstacle;
  return refused;
}

Refusal refusal_of_units(Rule rule, const SeenProduct& product, Quantity requested) {
  Refusal refused = refusal(rule, product);
  refused.requested = requested;
  return refused;
}

template <class Id, class State>
Breach conflict(const Seen<Id, State>& seen, ExpectedVersion expected) {
  if (expected.accepts(seen.version())) return std::nullopt;
  Refusal refused = refusal(Rule::version_conflict, seen);
  refused.expected = expected;
  return refused;
}

Breach refuse_status(Rule rule, const SeenOrder& order, bool breached) {
  return breached ? Breach(refusal(rule, order)) : std::nullopt;
}

template <class RuleOnLine>
Breach on_any(const SeenLines& lines, RuleOnLine rule) {
  for (const SeenLine& line : lines) {
    if (auto breach = rule(line)) return breach;
  }
  return std::nullopt;
}

}  // namespace

SeenOrder see(const Aggregates& aggregates, const OrderId& order) { return {order, aggregates.find(order)}; }

SeenProduct see(const Aggregates& aggregates, const Sku& sku) { return {sku, aggregates.find(sku)}; }

SeenLines see(const Aggregates& aggregates, const Lines& lines) {
  SeenLines seen;
  seen.reserve(lines.size());
  for (const Line& line : lines) seen.push_back({see(aggregates, line.sku), line.quantity});
  return seen;
}

Breach version_conflict(const SeenOrder& order, ExpectedVersion expected) {
  return conflict(order, expected);
}

Breach version_conflict(const SeenProduct& product, ExpectedVersion expected) {
  return conflict(product, expected);
}

Breach product_exists(const SeenProduct& product) {
  if (product.state == nullptr) return std::nullopt;
  return refusal(Rule::product_exists, product, product.state->registered_at);
}

Breach unknown_product(const SeenProduct& product) {
  if (product.state != nullptr) return std::nullopt;
  return refusal(Rule::unknown_product, product);
}

Breach product_retired(const SeenProduct& product) {
  if (!product.state->retired) return std::nullopt;
  return refusal(Rule::product_retired, product, product.state->retired_at);
}

Breach insufficient_stock(const SeenProduct& product, Quantity quantity) {
  if (quantity <= product.state->stock()) return std::nullopt;
  return refusal_of_units(Rule::insufficient_stock, product, quantity);
}

Breach stock_overflow(const SeenProduct& product, Quantity quantity) {
  if (quantity <= kMaxUnits - product.state->received) return std::nullopt;
  return refusal_of_units(Rule::stock_overflow, product, quantity);
}

Breach unknown_product(const SeenLines& lines) {
  return on_any(lines, [](const SeenLine& line) { return unknown_product(line.product); });
}

Breach product_retired(const SeenLines& lines) {
  return on_any(lines, [](const SeenLine& line) { return product_retired(line.product); });
}

Breach insufficient_stock(const SeenLines& lines) {
  return on_any(lines, [](const SeenLine& line) { return insufficient_stock(line.product, line.quantity); });
}

Breach order_exists(const SeenOrder& order) {
  return refuse_status(Rule::order_exists, order, order.state != nullptr);
}

Breach unknown_order(const SeenOrder& order) {
  return refuse_status(Rule::unknown_order, order, order.state == nullptr);
}

Breach order_not_draft(const SeenOrder& order) {
  return refuse_status(Rule::order_not_draft, order, order.state->status != OrderStatus::draft);
}

Breach order_already_aborted(const SeenOrder& order) {
  return refuse_status(Rule::order_already_aborted, order, order.state->status == OrderStatus::aborted);
}

Breach order_already_fulfilled(const SeenOrder& order) {
  return refuse_status(Rule::order_already_fulfilled, order, order.state->status == OrderStatus::fulfilled);
}

Breach order_not_in_progress(const SeenOrder& order) {
  return refuse_status(Rule::order_not_in_progress, order, order.state->status != OrderStatus::in_progress);
}

}  // namespace stockfold
