// Where each order that is not closed began, and the ids of all orders by where they began: parts of the fold
// of the order index.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/fault.h"
#include "core/ids.h"
#include "core/numbers.h"
#include "projections/position_sets.h"
#include "projections/row_table.h"
#include "storage/views/order_ids.h"
#include "storage/views/row_changes.h"
#include "storage/views/view_store.h"

namespace stockfold {

/// One thread; view and blocks must outlive it. The blocks hold every order that has begun.
class BegunOrders {
 public:
  BegunOrders(const View& view, BlockSets& blocks) : view_(view), blocks_(blocks) {}

  /// The order's first event lies at `position`, which is greater than all before.
  Result<void> begin(const OrderId& order, GlobalPosition position, RowChanges& rows);
  /// Where an order that is not closed began. `at`: the position of its event, for the fault.
  Result<GlobalPosition> find(const OrderId& order, GlobalPosition at);
  /// The order, which was found, is closed for good.
  void close(const OrderId& order);
  /// Puts the rows of the batch.
  void finish(RowChanges& rows);

 private:
  struct Begun {
    GlobalPosition position;
    bool open = true;
    bool needs_row = false;  ///< Its position cannot be found by its number.
    bool is_row = false;     ///< The view has a row of it.
    bool changed = false;    ///< In this batch.
  };
  using Orders = RowTable<OrderId, Begun>;

  Result<void> add_id(const OrderId& order, GlobalPosition position, Begun& begun, RowChanges& rows);
  Result<void> continue_ids(GlobalPosition position, RowChanges& rows);
  void put_ids(RowChanges& rows);
  Result<std::uint64_t> highest_number();
  Result<std::optional<GlobalPosition>> find_number(std::uint64_t number, GlobalPosition at);
  Result<std::optional<GlobalPosition>> position_of_number(std::uint64_t number, GlobalPosition near);
  void mark(Orders::Number number);
  void forget_closed();

  const View& view_;
  BlockSets& blocks_;
  Orders orders_;
  std::vector<Orders::Number> changed_;
  std::optional<std::uint64_t> id_row_;  ///< The number of the row that `ids_` is; empty at the beginning.
  OrderIds ids_;
  std::optional<std::uint64_t> highest_;  ///< The greatest number that was an order's id, once it was read.
  bool is_higher_ = false;                ///< It rose in this batch.
  std::string key_;
  std::string bytes_;
};

}  // namespace stockfold
