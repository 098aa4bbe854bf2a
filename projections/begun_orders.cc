#include "projections/begun_orders.h"

#include <utility>

#include "projections/order_index_keys.h"
#include "projections/projection.h"
#include "storage/views/position_block.h"

namespace stockfold {
namespace {

std::unexpected<Fault> damaged_ids(GlobalPosition position, const std::string& why) {
  return std::unexpected(corruption(position, "a row of ids of view order_index: " + why));
}

}  // namespace

Result<void> BegunOrders::begin(const OrderId& order, GlobalPosition position, RowChanges& rows) {
  const auto [number, added] = orders_.add(order);
  if (!added) {
    return std::unexpected(corruption(position, StreamId::of(order).str() + ": it began before"));
  }
  Begun& begun = orders_[number].value;
  begun.position = position;
  mark(number);
  return add_id(order, position, begun, rows);
}

Result<void> BegunOrders::add_id(const OrderId& order, GlobalPosition position, Begun& begun,
                                 RowChanges& rows) {
  if (auto there = continue_ids(position, rows); !there) return there;
  const auto highest = highest_number();
  if (!highest) return std::unexpected(highest.error());
  const auto number = order_number_in(order.view());
  if (!number || *number <= *highest || *number > kMostIdNumber) {
    ids_.add_text(order.view());
    begun.needs_row = true;
    return {};
  }
  if (!ids_.has_number()) {
    numbered_key(kNumberPrefix, *number, key_);
    encode_number(position.value(), bytes_);
    rows.put(key_, bytes_);
  }
  ids_.add_number(*number);
  highest_ = number;
  is_higher_ = true;
  return {};
}

/// Makes `ids_` the row of `position`. Only the first row of a fold can have a beginning in the view.
Result<void> BegunOrders::continue_ids(GlobalPosition position, RowChanges& rows) {
  const std::uint64_t row = id_row_of(position);
  if (id_row_ == row) return {};
  if (id_row_) {
    put_ids(rows);
    ids_ = {};
    id_row_ = row;
    return {};
  }
  auto stored = view_.get(numbered_key(kIdsPrefix, row));
  if (!stored) return std::unexpected(std::move(stored.error()));
  id_row_ = row;
  if (!*stored) return {};
  auto ids = OrderIds::decode(**stored);
  if (!ids) return damaged_ids(position, ids.error());
  ids_ = std::move(*ids);
  return {};
}

void BegunOrders::put_ids(RowChanges& rows) {
  if (ids_.empty()) return;
  numbered_key(kIdsPrefix, *id_row_, key_);
  ids_.encode(bytes_);
  rows.put(key_, bytes_);
}

Result<std::uint64_t> BegunOrders::highest_number() {
  if (highest_) return *highest_;
  auto row = view_.get(kHighestNumberKey);
  if (!row) return std::unexpected(std::move(row.error()));
  highest_ = *row ? decode_number(**row) : 0;
  if (!highest_) return damaged_ids({}, "the highest number is damaged");
  return *highest_;
}

Result<GlobalPosition> BegunOrders::find(const OrderId& order, GlobalPosition at) {
  const auto [number, added] = orders_.add(order);
  Begun& begun = orders_[number].value;
  if (!added) return begun.position;
  auto row = view_.get(std::string(kFirstPrefix).append(order.view()));
  if (!row) return std::unexpected(std::move(row.error()));
  std::optional<std::uint64_t> position;
  if (*row) {
    position = decode_number(**row);
    begun.needs_row = begun.is_row = true;
  } else if (const auto id = order_number_in(order.view())) {
    auto found = find_number(*id, at);
    if (!found) return std::unexpected(std::move(found.error()));
    if (*found) position = (*found)->value();
  }
  if (!position) {
    return std::unexpected(corruption(at, StreamId::of(order).str() + " changes, but did not begin"));
  }
  begun.position = GlobalPosition(*position);
  return begun.position;
}

/// Numbers ascend with positions: the row of the last number at or before this one leads to its ids.
Result<std::optional<GlobalPosition>> BegunOrders::find_number(std::uint64_t number, GlobalPosition at) {
  const auto snapshot = view_.snapshot();
  const auto rows = snapshot->rows();
  auto is_row = rows->seek_back(numbered_key(kNumberPrefix, number));
  if (!is_row) return std::unexpected(std::move(is_row.error()));
  if (!*is_row || !rows->key().starts_with(kNumberPrefix)) return std::nullopt;
  const auto near = decode_number(rows->value());
  if (!near) return damaged_ids(at, "the place of a number is damaged");
  return position_of_number(number, GlobalPosition(*near));
}

/// `near`: a position that the ids of the number's row cover.
Result<std::optional<GlobalPosition>> BegunOrders::position_of_number(std::uint64_t number,
                                                                      GlobalPosition near) {
  auto row = view_.get(numbered_key(kIdsPrefix, id_row_of(near)));
  if (!row) return std::unexpected(std::move(row.error()));
  auto index = index_of_number(*row ? **row : std::string(), number);
  if (!index) return damaged_ids(near, index.error());
  if (!*index) return std::nullopt;
  auto block = blocks_.block_of(order_blocks::kAll, near);
  if (!block) return std::unexpected(std::move(block.error()));
  const GlobalPosition begin(id_row_of(near) * kIdPositions);
  auto place = (*block)->first_from(PositionBlock::place_of(begin));
  for (std::size_t i = 0; place && i < **index; ++i) place = (*block)->first_from(*place + 1);
  if (!place) return damaged_ids(near, "more ids than orders");
  return PositionBlock::position_of(PositionBlock::number_of(near), *place);
}

void BegunOrders::close(const OrderId& order) {
  const auto number = orders_.add(order).first;
  orders_[number].value.open = false;
  mark(number);
}

void BegunOrders::mark(Orders::Number number) {
  if (!std::exchange(orders_[number].value.changed, true)) changed_.push_back(number);
}

void BegunOrders::finish(RowChanges& rows) {
  if (!changed_.empty()) put_ids(rows);
  if (std::exchange(is_higher_, false)) {
    encode_number(*highest_, bytes_);
    rows.put(kHighestNumberKey, bytes_);
  }
  for (const auto number : changed_) {
    auto& [order, begun] = orders_[number];
    begun.changed = false;
    if (!begun.needs_row || begun.open == begun.is_row) continue;
    key_.assign(kFirstPrefix).append(order.view());
    if (begun.open) {
      encode_number(begun.position.value(), bytes_);
      rows.put(key_, bytes_);
    } else {
      rows.erase(key_);
    }
    begun.is_row = begun.open;
  }
  changed_.clear();
  if (orders_.size() > kHeldRows) forget_closed();
}

void BegunOrders::forget_closed() {
  std::vector<Orders::Entry> open;
  for (Orders::Entry& entry : orders_.entries()) {
    if (entry.value.open) open.push_back(std::move(entry));
  }
  orders_.clear();
  if (open.size() > kHeldRows / 2) return;
  for (Orders::Entry& entry : open) orders_[orders_.add(entry.key).first].value = entry.value;
}

}  // namespace stockfold
