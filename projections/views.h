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

#include "core/fault.h"
#include "core/ids.h"
#include "core/movements.h"
#include "core/outcome.h"
#include "core/state.h"
#include "projections/projection.h"
#include "storage/log/event_log.h"
#include "storage/views/view_store.h"

namespace stockfold {

/// Every projection of this program: stock, orders, receipts, streams, movements, quarters. They live as long
/// as the program.
std::span<const Projection* const> all_projections();
/// Null if no projection has that name.
const Projection* projection_named(std::string_view name);
/// The names of all projections, which are the names of their views.
std::vector<std::string> view_names();

/// A state and the position that it is valid for.
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

/// One page of a list. `next` is empty on the last page; otherwise it is where the list continues. A page may
/// hold fewer rows than requested, even none, and still have a `next`, because the number of rows that a
/// filter passes over is bounded, too.
template <class Row, class Id>
struct Page {
  std::vector<Row> rows;
  std::optional<Id> next;
  GlobalPosition as_of;
};
using ProductPage = Page<ProductRow, Sku>;
using OrderPage = Page<OrderRow, OrderId>;
using MovementPage = Page<DayMovements, Day>;

/// An order and the positions of all its events, ascending.
struct OrderEvents {
  Order order;
  std::vector<GlobalPosition> positions;
};

struct OrderFilter {
  std::optional<OrderStatus> status;
  std::optional<Sku> product;  ///< Only orders with a line of this product.

  [[nodiscard]] bool takes(const Order& order) const;
};

/// Reads and decodes rows as they are. Any thread; the store must outlive it. A row that cannot be decoded is
/// corruption.
class Views {
 public:
  explicit Views(ViewStore& store);

  /// Row and position are from one instant.
  [[nodiscard]] Result<AsOf<std::optional<Product>>> product(const Sku& sku) const;
  [[nodiscard]] Result<AsOf<std::optional<Order>>> order(const OrderId& order) const;
  [[nodiscard]] Result<AsOf<std::optional<OrderEvents>>> order_events(const OrderId& order) const;
  /// In order of SKU (byte by byte), starting at `from`.
  [[nodiscard]] Result<ProductPage> products(const std::optional<Sku>& from, std::size_t limit) const;
  /// In order of id (byte by byte), starting at `from`.
  [[nodiscard]] Result<OrderPage> orders(const std::optional<OrderId>& from, std::size_t limit,
                                         const OrderFilter& filter) const;

  /// Several rows as they are now, in the order of the ids. The ledger loads them before it decides.
  [[nodiscard]] Result<std::vector<std::optional<Product>>> load(std::span<const Sku> skus) const;
  [[nodiscard]] Result<std::vector<std::optional<Order>>> load(std::span<const OrderId> orders) const;
  /// The receipts of several ids, in their order; none for an id that has no outcome. The ledger looks them
  /// up before it decides.
  [[nodiscard]] Result<std::vector<Receipts>> receipts(std::span<const CommandId> ids) const;
  /// A number such that every order numbered below it exists; at least 1.
  [[nodiscard]] Result<std::uint64_t> next_order_number() const;

  /// The days from `from` to `to` on which any units of a product moved, ascending.
  [[nodiscard]] Result<MovementPage> movements(const Sku& sku, Day from, Day to, std::size_t limit) const;
  /// Calls `visit` with the quarters of an hour from `from` on in which any units of a product moved,
  /// ascending, until it returns false. Returns the position that they are valid for.
  [[nodiscard]] Result<GlobalPosition> quarters(
      const Sku& sku, Quarter from, const std::function<bool(const QuarterMovements&)>& visit) const;

  /// Positions at or after `from` of the events of one stream, ascending, at most `limit`.
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
  View& quarters_;
};

}  // namespace stockfold
