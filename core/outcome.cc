#include "core/outcome.h"

#include "core/overloaded.h"

namespace stockfold {
namespace {

template <class Id>
Accepted accepted(const RecordedEvent& event, const Id& subject) {
  Accepted accepted;
  accepted.subject = StreamId::of(subject);
  accepted.version = event.version;
  accepted.position = event.position;
  accepted.time = event.time;
  return accepted;
}

Accepted of_product(const RecordedEvent& event, const Sku& sku, Units stock) {
  Accepted product = accepted(event, sku);
  product.stock = {{sku, stock}};
  return product;
}

Accepted of_order(const RecordedEvent& event, const OrderId& id, OrderStatus status,
                  const StockedLines& moved) {
  Accepted order = accepted(event, id);
  order.status = status;
  order.stock.reserve(moved.size());
  for (const StockedLine& line : moved) order.stock.push_back({line.sku, line.stock_after});
  return order;
}

}  // namespace

std::variant<Accepted, Refusal> outcome_of(const RecordedEvent& event) {
  using Outcome = std::variant<Accepted, Refusal>;
  return std::visit(
      Overloaded{
          [&](const ProductRegistered& e) -> Outcome { return of_product(event, e.sku, e.stock); },
          [&](const StockReceived& e) -> Outcome { return of_product(event, e.sku, e.stock_after); },
          [&](const StockWrittenOff& e) -> Outcome { return of_product(event, e.sku, e.stock_after); },
          [&](const ProductRetired& e) -> Outcome { return of_product(event, e.sku, e.stock_after); },
          [&](const OrderDrafted& e) -> Outcome { return of_order(event, e.order, OrderStatus::draft, {}); },
          [&](const OrderPlaced& e) -> Outcome {
            return of_order(event, e.order, OrderStatus::in_progress, e.lines);
          },
          [&](const OrderAborted& e) -> Outcome {
            return of_order(event, e.order, OrderStatus::aborted, e.was_draft ? StockedLines() : e.lines);
          },
          [&](const OrderFulfilled& e) -> Outcome {
            return of_order(event, e.order, OrderStatus::fulfilled, e.lines);
          },
          [](const CommandRefused& e) -> Outcome { return e.refusal; },
      },
      event.event);
}

}  // namespace stockfold
