#include "core/decide.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "core/rules.h"

namespace stockfold {
namespace {

using DecisionOrRefusal = std::expected<Decision, Refusal>;

DecisionOrRefusal refused(Breach& breach) { return std::unexpected(*std::move(breach)); }

template <class Id, class State>
DecisionOrRefusal decided(const Seen<Id, State>& subject, Event event) {
  return Decision{std::move(event), subject.version().next()};
}

StockedLine moved(const SeenLine& line, Units stock_after) {
  return {line.product.id, line.quantity, stock_after, line.product.version().next()};
}

/// The lines of an event that moves or fulfills stock; `stock_after` says what a line leaves.
template <class StockAfter>
StockedLines stocked(const SeenLines& lines, StockAfter stock_after) {
  StockedLines stocked;
  stocked.reserve(lines.size());
  for (const SeenLine& line : lines) {
    assert(line.product.state != nullptr && "the products of an order exist");
    stocked.push_back(moved(line, stock_after(line)));
  }
  return stocked;
}

StockedLines taken(const SeenLines& lines) {
  return stocked(lines, [](const SeenLine& line) { return line.product.state->stock() - line.quantity; });
}

StockedLines given_back(const SeenLines& lines) {
  return stocked(lines, [](const SeenLine& line) { return line.product.state->stock() + line.quantity; });
}

StockedLines fulfilled(const SeenLines& lines) {
  return stocked(lines, [](const SeenLine& line) { return line.product.state->stock(); });
}

StockedLines untouched(const Lines& lines) {
  StockedLines stocked;
  stocked.reserve(lines.size());
  for (const Line& line : lines) stocked.push_back({line.sku, line.quantity, 0, StreamVersion()});
  return stocked;
}

DecisionOrRefusal decide_on(const Aggregates& aggregates, const RegisterProduct& command,
                            ExpectedVersion expected) {
  const SeenProduct product = see(aggregates, command.sku);
  if (auto no = version_conflict(product, expected)) return refused(no);
  if (auto no = product_exists(product)) return refused(no);
  return decided(product, ProductRegistered{command.sku, command.name, command.stock});
}

DecisionOrRefusal decide_on(const Aggregates& aggregates, const ReceiveStock& command,
                            ExpectedVersion expected) {
  const SeenProduct product = see(aggregates, command.sku);
  if (auto no = version_conflict(product, expected)) return refused(no);
  if (auto no = unknown_product(product)) return refused(no);
  if (auto no = product_retired(product)) return refused(no);
  if (auto no = stock_overflow(product, command.quantity)) return refused(no);
  const Units after = product.state->stock() + command.quantity;
  return decided(product, StockReceived{command.sku, command.quantity, after, command.reason});
}

DecisionOrRefusal decide_on(const Aggregates& aggregates, const WriteOffStock& command,
                            ExpectedVersion expected) {
  const SeenProduct product = see(aggregates, command.sku);
  if (auto no = version_conflict(product, expected)) return refused(no);
  if (auto no = unknown_product(product)) return refused(no);
  if (auto no = insufficient_stock(product, command.quantity)) return refused(no);
  const Units after = product.state->stock() - command.quantity;
  return decided(product, StockWrittenOff{command.sku, command.quantity, after, command.reason});
}

DecisionOrRefusal decide_on(const Aggregates& aggregates, const RetireProduct& command,
                            ExpectedVersion expected) {
  const SeenProduct product = see(aggregates, command.sku);
  if (auto no = version_conflict(product, expected)) return refused(no);
  if (auto no = unknown_product(product)) return refused(no);
  if (auto no = product_retired(product)) return refused(no);
  return decided(product, ProductRetired{command.sku, product.state->stock()});
}

DecisionOrRefusal decide_on(const Aggregates& aggregates, const DraftOrder& command,
                            ExpectedVersion expected) {
  assert(command.order && "the ledger has assigned an id");
  const SeenOrder order = see(aggregates, *command.order);
  const SeenLines lines = see(aggregates, command.lines);
  if (auto no = version_conflict(order, expected)) return refused(no);
  if (auto no = order_exists(order)) return refused(no);
  if (auto no = unknown_product(lines)) return refused(no);
  if (auto no = product_retired(lines)) return refused(no);
  return decided(order, OrderDrafted{order.id, command.lines});
}

DecisionOrRefusal place(const SeenOrder& order, const SeenLines& lines) {
  if (auto no = unknown_product(lines)) return refused(no);
  if (auto no = product_retired(lines)) return refused(no);
  if (auto no = insufficient_stock(lines)) return refused(no);
  return decided(order, OrderPlaced{order.id, taken(lines)});
}

DecisionOrRefusal place_draft(const Aggregates& aggregates, const SeenOrder& order) {
  if (auto no = unknown_order(order)) return refused(no);
  if (auto no = order_not_draft(order)) return refused(no);
  return place(order, see(aggregates, order.state->lines));
}

DecisionOrRefusal place_new(const Aggregates& aggregates, const SeenOrder& order, const Lines& lines) {
  if (auto no = order_exists(order)) return refused(no);
  return place(order, see(aggregates, lines));
}

DecisionOrRefusal decide_on(const Aggregates& aggregates, const PlaceOrder& command,
                            ExpectedVersion expected) {
  assert(command.order && "the ledger has assigned an id");
  const SeenOrder order = see(aggregates, *command.order);
  if (auto no = version_conflict(order, expected)) return refused(no);
  return command.lines.empty() ? place_draft(aggregates, order) : place_new(aggregates, order, command.lines);
}

DecisionOrRefusal decide_on(const Aggregates& aggregates, const AbortOrder& command,
                            ExpectedVersion expected) {
  const SeenOrder order = see(aggregates, command.order);
  if (auto no = version_conflict(order, expected)) return refused(no);
  if (auto no = unknown_order(order)) return refused(no);
  if (auto no = order_already_aborted(order)) return refused(no);
  if (auto no = order_already_fulfilled(order)) return refused(no);
  const Lines& lines = order.state->lines;
  const bool was_draft = order.state->status == OrderStatus::draft;
  StockedLines back = was_draft ? untouched(lines) : given_back(see(aggregates, lines));
  return decided(order, OrderAborted{order.id, was_draft, std::move(back), command.reason});
}

DecisionOrRefusal decide_on(const Aggregates& aggregates, const FulfilOrder& command,
                            ExpectedVersion expected) {
  const SeenOrder order = see(aggregates, command.order);
  if (auto no = version_conflict(order, expected)) return refused(no);
  if (auto no = unknown_order(order)) return refused(no);
  if (auto no = order_already_aborted(order)) return refused(no);
  if (auto no = order_already_fulfilled(order)) return refused(no);
  if (auto no = order_not_in_progress(order)) return refused(no);
  return decided(order,
                 OrderFulfilled{order.id, fulfilled(see(aggregates, order.state->lines)), command.reason});
}

}  // namespace

std::expected<Decision, Refusal> decide(const Aggregates& aggregates, const Command& command) {
  return std::visit([&](const auto& body) { return decide_on(aggregates, body, command.expected); },
                    command.body);
}

}  // namespace stockfold
