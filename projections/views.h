// Typed reads of the views that every ledger keeps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/answer.h"
#include "core/fault.h"
#include "core/ids.h"
#include "core/movements.h"
#include "core/state.h"
#include "projections/projection.h"
#include "storage/log/event_log.h"
#include "storage/views/view_store.h"

namespace stockfold {

/// Every projection of this program: stock, orders, receipts, streams, movements. They live as long as it
/// does.
std::span<const Projection* const> all_projections();
/// Null where there is none of that name.
const Projection* projection_named(std::string_view name);
/// Their names, which are the names of their views.
std::vector<std::string> view_names();

/// A state and the position it is good for.
template <class State>
struct AsOf {
  State state;
  GlobalPosition as_of;
};

struct ProductRow {
  Sku sku;
  Product product;
};
struct OrderRow {
  OrderId order;
  Order state;
};

/// One page of a list. `next` is empty on the last page; otherwise the list goes on from it. A page may hold
/// fewer rows than asked for, even none, and still have a `next`: what a filter passes over is bounded, too.
template <class Row, class Id>
struct Page {
  std::vector<Row> rows;
  std::optional<Id> next;
  GlobalPosition as_of;
};
using ProductPage = Page<ProductRow, Sku>;
using OrderPage = Page<OrderRow, OrderId>;
using MovementPage = Page<DayMovements, Day>;

struct OrderFilter {
  std::optional<OrderStatus> status;
  std::optional<Sku> product;  ///< Orders with a line of it.

  [[nodiscard]] bool takes(const Order& order) const;
};

/// Reads rows as they are, decoded. Any thread; the store must outlive it. A row that does not decode is
/// corruption.
class Views {
 public:
  explicit Views(ViewStore& store);

  /// Row and position are of one instant.
  [[nodiscard]] Result<AsOf<std::optional<Product>>> product(const Sku& sku) const;
  [[nodiscard]] Result<AsOf<std::optional<Order>>> order(const OrderId& order) const;
  /// In order of SKU (byte by byte) from `from` on.
  [[nodiscard]] Result<ProductPage> products(const std::optional<Sku>& from, std::size_t limit) const;
  /// In order of id (byte by byte) from `from` on.
  [[nodiscard]] Result<OrderPage> orders(const std::optional<OrderId>& from, std::size_t limit,
                                         const OrderFilter& filter) const;

  /// Several rows as they are now, in the order of the ids: what the writer loads before it decides.
  [[nodiscard]] Result<std::vector<std::optional<Product>>> load(std::span<const Sku> skus) const;
  [[nodiscard]] Result<std::vector<std::optional<Order>>> load(std::span<const OrderId> orders) const;
  /// Of several ids in their order, none where an id has no outcome: what the writer looks up before it
  /// decides.
  [[nodiscard]] Result<std::vector<Receipts>> receipts(std::span<const CommandId> ids) const;
  /// A number such that every order numbered below it exists; at least 1.
  [[nodiscard]] Result<std::uint64_t> next_order_number() const;

  /// The days from `from` to `to` on which anything of a product moved, ascending.
  [[nodiscard]] Result<MovementPage> movements(const Sku& sku, Day from, Day to, std::size_t limit) const;

  /// Positions of the events of one stream that lie at `from` or later, ascending, at most `limit`.
  [[nodiscard]] Result<std::vector<GlobalPosition>> stream(const StreamId& stream, GlobalPosition from,
                                                           std::size_t limit) const;

 private:
  [[nodiscard]] Result<std::vector<GlobalPosition>> order_stream(std::string_view order, GlobalPosition from,
                                                                 std::size_t limit) const;

  View& stock_;
  View& orders_;
  View& receipts_;
  View& streams_;
  View& movements_;
};

}  // namespace stockfold
