// The state as it was at any position since the beginning of the log.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "core/fault.h"
#include "core/ids.h"
#include "core/numbers.h"
#include "core/state.h"
#include "projections/intervals.h"
#include "projections/views.h"
#include "storage/log/event_log.h"
#include "storage/views/view_store.h"

namespace stockfold {

/// Answers what a fold of all events up to `at` would answer, without folding them all. A row that has not
/// changed since `at` is the answer. Otherwise a product is folded from its state before the interval of
/// `at`, and an order from its first event (an order has three events at most).
///
/// The views must hold all events up to `at`; at position 0 there is nothing. Reads from disk. Any thread;
/// views and log must outlive it.
class Past {
 public:
  /// `intervals` must be those of the stock projection.
  Past(ViewStore& store, const EventLog& log, const Intervals& intervals = {});

  [[nodiscard]] Result<std::optional<Product>> product(const Sku& sku, GlobalPosition at) const;
  [[nodiscard]] Result<std::optional<Order>> order(const OrderId& id, GlobalPosition at) const;
  /// The order, and the positions of its events up to `at`.
  [[nodiscard]] Result<std::optional<OrderEvents>> order_events(const OrderId& id, GlobalPosition at) const;
  /// Like Views::products() and Views::orders(), as of `at`.
  [[nodiscard]] Result<ProductPage> products(const std::optional<Sku>& from, std::size_t limit,
                                             GlobalPosition at) const;
  [[nodiscard]] Result<OrderPage> orders(const std::optional<OrderId>& from, std::size_t limit,
                                         const OrderFilter& filter, GlobalPosition at) const;

 private:
  [[nodiscard]] Result<void> rewind(std::span<ProductRow> rows, GlobalPosition at) const;

  View& stock_;
  View& orders_;
  Views views_;
  const EventLog& log_;
  Intervals intervals_;
};

}  // namespace stockfold
