#include "core/evolve.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/lines.h"
#include "core/overloaded.h"

namespace stockfold {
namespace {

/// An event and the aggregate that it changes.
template <class Id>
struct Meeting {
  const RecordedEvent& event;
  const Id& id;
  StreamVersion version;  ///< Of the event, in the aggregate's stream.

  [[nodiscard]] std::unexpected<Fault> fault(const std::string& what) const {
    return std::unexpected(corruption(event.position, StreamId::of(id).str() + ": " + what));
  }

  [[nodiscard]] std::unexpected<Fault> impossible(std::string_view found) const {
    return fault(std::string(name_of(type_of(event.event))) + " cannot happen: it is " + std::string(found));
  }

  template <class State>
  [[nodiscard]] Result<void> follows(const std::optional<State>& state) const {
    const StreamVersion expected = state ? state->version.next() : StreamVersion(1);
    if (version == expected) return {};
    return fault("expected version " + std::to_string(expected.value()) + ", found " +
                 std::to_string(version.value()));
  }

  [[nodiscard]] Result<void> leaves(Units stock, Units stock_after) const {
    if (stock == stock_after) return {};
    return fault("expected stock " + std::to_string(stock) + " after it, found " +
                 std::to_string(stock_after));
  }
};
using AtProduct = Meeting<Sku>;
using AtOrder = Meeting<OrderId>;

std::string units(Units count, std::string_view of) {
  return std::to_string(count) + " units " + std::string(of);
}

Result<void> check_quantity(Quantity quantity, const AtProduct& here) {
  if (is_quantity(quantity)) return {};
  return here.fault("expected a quantity of 1 to " + std::to_string(kMaxQuantity) + ", found " +
                    std::to_string(quantity));
}

Result<void> check_available(const Product& product, Quantity quantity, const AtProduct& here) {
  if (quantity <= product.stock()) return {};
  return here.fault("expected " + units(quantity, "in stock") + ", found " + std::to_string(product.stock()));
}

Result<void> check_in_progress(const Product& product, Quantity quantity, const AtProduct& here) {
  if (quantity <= product.in_progress) return {};
  return here.fault("expected " + units(quantity, "in progress") + ", found " +
                    std::to_string(product.in_progress));
}

Result<void> receive(Product& product, const StockReceived& event, const AtProduct& here) {
  if (product.retired) return here.impossible("retired");
  if (auto ok = check_quantity(event.quantity, here); !ok) return ok;
  if (event.quantity > kMaxUnits - product.received) return here.fault("received more than can be counted");
  if (auto ok = here.leaves(product.stock() + event.quantity, event.stock_after); !ok) return ok;
  product.received += event.quantity;
  return {};
}

Result<void> write_off(Product& product, const StockWrittenOff& event, const AtProduct& here) {
  if (auto ok = check_quantity(event.quantity, here); !ok) return ok;
  if (auto ok = check_available(product, event.quantity, here); !ok) return ok;
  if (auto ok = here.leaves(product.stock() - event.quantity, event.stock_after); !ok) return ok;
  product.written_off += event.quantity;
  return {};
}

Result<void> retire(Product& product, const ProductRetired& event, const AtProduct& here) {
  if (product.retired) return here.impossible("retired");
  if (auto ok = here.leaves(product.stock(), event.stock_after); !ok) return ok;
  product.retired = true;
  product.retired_at = here.event.position;
  return {};
}

Result<void> take(Product& product, const StockedLine& line, const AtProduct& here) {
  if (product.retired) return here.impossible("retired");
  if (auto ok = check_available(product, line.quantity, here); !ok) return ok;
  if (auto ok = here.leaves(product.stock() - line.quantity, line.stock_after); !ok) return ok;
  product.in_progress += line.quantity;
  return {};
}

Result<void> give_back(Product& product, const StockedLine& line, const AtProduct& here) {
  if (auto ok = check_in_progress(product, line.quantity, here); !ok) return ok;
  if (auto ok = here.leaves(product.stock() + line.quantity, line.stock_after); !ok) return ok;
  product.in_progress -= line.quantity;
  return {};
}

Result<void> fulfill(Product& product, const StockedLine& line, const AtProduct& here) {
  if (auto ok = check_in_progress(product, line.quantity, here); !ok) return ok;
  if (auto ok = here.leaves(product.stock(), line.stock_after); !ok) return ok;
  product.in_progress -= line.quantity;
  product.fulfilled += line.quantity;
  return {};
}

/// What an order's event does to the product of a line.
using LineFold = Result<void> (*)(Product&, const StockedLine&, const AtProduct&);
LineFold line_fold(const OrderPlaced&) { return take; }
LineFold line_fold(const OrderAborted&) { return give_back; }
LineFold line_fold(const OrderFulfilled&) { return fulfill; }

Result<void> register_product(std::optional<Product>& product, const ProductRegistered& event,
                              const AtProduct& here) {
  if (auto ok = here.follows(product); !ok) return ok;
  if (product) return here.impossible("registered already");
  if (event.stock > kMaxUnits) return here.fault("received more than can be counted");
  product.emplace();
  product->name = event.name;
  product->received = event.stock;
  product->version = here.version;
  product->registered_at = product->changed_at = here.event.position;
  return {};
}

/// Changes a product that exists.
template <class What>
Result<void> change(std::optional<Product>& product,
                    Result<void> (*fold)(Product&, const What&, const AtProduct&), const What& what,
                    const AtProduct& here) {
  if (auto ok = here.follows(product); !ok) return ok;
  if (!product) return here.impossible("not registered");
  if (auto ok = fold(*product, what, here); !ok) return ok;
  product->version = here.version;
  product->changed_at = here.event.position;
  return {};
}

Result<void> change_by_line(std::optional<Product>& product, LineFold fold, const StockedLine& line,
                            const RecordedEvent& event) {
  return change(product, fold, line, AtProduct{event, line.sku, line.version});
}

template <class AnyLine>
Result<void> check_lines(const std::vector<AnyLine>& lines, const AtOrder& here) {
  if (auto wrong = malformation(lines)) return here.fault(*wrong);
  return {};
}

Result<void> check_same_lines(const Lines& lines, const StockedLines& found, const AtOrder& here) {
  const auto same = [](const Line& line, const StockedLine& stocked) {
    return line.sku == stocked.sku && line.quantity == stocked.quantity;
  };
  if (std::ranges::equal(lines, found, same)) return {};
  return here.fault("expected the lines of the order, found others");
}

Result<void> check_untouched(const StockedLines& lines, const AtOrder& here) {
  const auto untouched = [](const StockedLine& line) {
    return line.stock_after == 0 && line.version == StreamVersion();
  };
  if (std::ranges::all_of(lines, untouched)) return {};
  return here.fault("expected lines without stock, for a draft took none");
}

Result<void> advance(Order& order, OrderStatus status, const AtOrder& here) {
  order.status = status;
  order.version = here.version;
  order.changed_at = here.event.position;
  order.changed_by = here.event.actor;
  return {};
}

Result<void> fold(std::optional<Order>& order, const OrderDrafted& event, const AtOrder& here) {
  if (auto ok = here.follows(order); !ok) return ok;
  if (order) return here.impossible(name_of(order->status));
  if (auto ok = check_lines(event.lines, here); !ok) return ok;
  order.emplace().lines = event.lines;
  return advance(*order, OrderStatus::draft, here);
}

Result<void> fold(std::optional<Order>& order, const OrderPlaced& event, const AtOrder& here) {
  if (auto ok = here.follows(order); !ok) return ok;
  if (order) {
    if (order->status != OrderStatus::draft) return here.impossible(name_of(order->status));
    if (auto ok = check_same_lines(order->lines, event.lines, here); !ok) return ok;
  } else {
    if (auto ok = check_lines(event.lines, here); !ok) return ok;
    order.emplace().lines = without_stock(event.lines);
  }
  return advance(*order, OrderStatus::in_progress, here);
}

Result<void> fold(std::optional<Order>& order, const OrderAborted& event, const AtOrder& here) {
  if (auto ok = here.follows(order); !ok) return ok;
  if (!order) return here.impossible("unknown");
  const OrderStatus before = event.was_draft ? OrderStatus::draft : OrderStatus::in_progress;
  if (order->status != before) return here.impossible(name_of(order->status));
  if (auto ok = check_same_lines(order->lines, event.lines, here); !ok) return ok;
  if (event.was_draft) {
    if (auto ok = check_untouched(event.lines, here); !ok) return ok;
  }
  return advance(*order, OrderStatus::aborted, here);
}

Result<void> fold(std::optional<Order>& order, const OrderFulfilled& event, const AtOrder& here) {
  if (auto ok = here.follows(order); !ok) return ok;
  if (!order) return here.impossible("unknown");
  if (order->status != OrderStatus::in_progress) return here.impossible(name_of(order->status));
  if (auto ok = check_same_lines(order->lines, event.lines, here); !ok) return ok;
  return advance(*order, OrderStatus::fulfilled, here);
}

template <class Id>
Result<void> elsewhere(const RecordedEvent& event, const Id& id) {
  const Meeting<Id> here{event, id, StreamVersion()};
  return here.fault("expected an event of this stream, found " + std::string(name_of(type_of(event.event))));
}

/// The line of `sku` among lines that ascend by SKU; null if there is none.
const StockedLine* line_of(const StockedLines& lines, const Sku& sku) {
  const auto line = std::ranges::lower_bound(lines, sku, {}, &StockedLine::sku);
  return line != lines.end() && line->sku == sku ? &*line : nullptr;
}

template <class OrderEvent>
Result<void> fold_line(std::optional<Product>& product, const Sku& sku, const RecordedEvent& recorded,
                       const OrderEvent& event) {
  const StockedLine* line = line_of(event.lines, sku);
  if (line == nullptr) return elsewhere(recorded, sku);
  return change_by_line(product, line_fold(event), *line, recorded);
}

template <class OrderEvent>
Result<void> fold_all(Aggregates& aggregates, const RecordedEvent& recorded, const OrderEvent& event) {
  if (auto ok = evolve(aggregates.edit(event.order), event.order, recorded); !ok) return ok;
  for (const StockedLine& line : event.lines) {
    if (auto ok = change_by_line(aggregates.edit(line.sku), line_fold(event), line, recorded); !ok) return ok;
  }
  return {};
}

}  // namespace

Result<void> evolve(std::optional<Product>& product, const Sku& sku, const RecordedEvent& event) {
  const AtProduct here{event, sku, event.version};
  return std::visit(Overloaded{
                        [&](const ProductRegistered& e) {
                          return e.sku == sku ? register_product(product, e, here) : elsewhere(event, sku);
                        },
                        [&](const StockReceived& e) {
                          return e.sku == sku ? change(product, receive, e, here) : elsewhere(event, sku);
                        },
                        [&](const StockWrittenOff& e) {
                          return e.sku == sku ? change(product, write_off, e, here) : elsewhere(event, sku);
                        },
                        [&](const ProductRetired& e) {
                          return e.sku == sku ? change(product, retire, e, here) : elsewhere(event, sku);
                        },
                        [&](const OrderDrafted&) { return elsewhere(event, sku); },
                        [&](const OrderPlaced& e) { return fold_line(product, sku, event, e); },
                        [&](const OrderAborted& e) {
                          return e.was_draft ? elsewhere(event, sku) : fold_line(product, sku, event, e);
                        },
                        [&](const OrderFulfilled& e) { return fold_line(product, sku, event, e); },
                        [&](const CommandRefused&) { return elsewhere(event, sku); },
                    },
                    event.event);
}

Result<void> evolve(std::optional<Order>& order, const OrderId& id, const RecordedEvent& event) {
  return std::visit(
      [&](const auto& e) -> Result<void> {
        if constexpr (requires { e.order; }) {
          if (e.order == id) return fold(order, e, AtOrder{event, id, event.version});
        }
        return elsewhere(event, id);
      },
      event.event);
}

Result<void> evolve(Aggregates& aggregates, const RecordedEvent& event) {
  const auto product = [&](const auto& e) { return evolve(aggregates.edit(e.sku), e.sku, event); };
  const auto order = [&](const auto& e) { return evolve(aggregates.edit(e.order), e.order, event); };
  const auto order_and_products = [&](const auto& e) { return fold_all(aggregates, event, e); };
  return std::visit(Overloaded{
                        [&](const ProductRegistered& e) { return product(e); },
                        [&](const StockReceived& e) { return product(e); },
                        [&](const StockWrittenOff& e) { return product(e); },
                        [&](const ProductRetired& e) { return product(e); },
                        [&](const OrderDrafted& e) { return order(e); },
                        [&](const OrderPlaced& e) { return order_and_products(e); },
                        [&](const OrderAborted& e) { return e.was_draft ? order(e) : order_and_products(e); },
                        [&](const OrderFulfilled& e) { return order_and_products(e); },
                        [](const CommandRefused&) { return Result<void>(); },
                    },
                    event.event);
}

}  // namespace stockfold
