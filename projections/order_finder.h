// Finds orders by time, status, product, location and reference, the newest or the oldest first.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/fault.h"
#include "core/ids.h"
#include "core/numbers.h"
#include "core/order_status.h"
#include "core/state.h"
#include "projections/position_cursors.h"
#include "storage/log/event_log.h"
#include "storage/views/view_store.h"

namespace stockfold {

/// Which orders are looked for. An order lies in time where it began: at its first event.
struct OrderSearch {
  std::optional<OrderStatus> status;
  std::optional<Sku> product;            ///< Orders with a line of this product.
  GlobalPosition first{1};               ///< Orders that began here or later
  GlobalPosition last{kNoLastPosition};  ///< and here or earlier.
  PositionOrder order = PositionOrder::newest_first;

  [[nodiscard]] bool takes(const Order& state) const;

  static constexpr std::uint64_t kNoLastPosition = std::numeric_limits<std::uint64_t>::max();
};

struct FoundOrder {
  OrderId order;
  Order state;
  GlobalPosition began_at;
};

/// `next` is where the page after this one begins; empty on the last page. A page without rows has no `next`.
struct FoundOrders {
  std::vector<FoundOrder> rows;
  std::optional<GlobalPosition> next;
  GlobalPosition as_of;
};

/// Any thread; the store must outlive it. Reads from disk. A row that cannot be decoded is corruption.
class OrderFinder {
 public:
  explicit OrderFinder(ViewStore& store);

  /// At most `limit` orders, at least one where there is one.
  [[nodiscard]] Result<FoundOrders> find(const OrderSearch& search, std::size_t limit) const;
  /// The position at which an order began; empty if there is no such order.
  [[nodiscard]] Result<std::optional<GlobalPosition>> beginning_of(const OrderId& order) const;
  /// The end of the last commit that is not after `time`, among those that the index holds; 0 if there is
  /// none.
  [[nodiscard]] Result<GlobalPosition> position_at(const EventLog& log, UnixMillis time) const;

 private:
  const View& index_;
  const View& orders_;
  const View& streams_;
};

}  // namespace stockfold
