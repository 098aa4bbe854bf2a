// The projections, one file each. A new projection is declared here and listed in all_projections().
#pragma once

#include <memory>

#include "projections/intervals.h"
#include "projections/projection.h"

namespace stockfold {

/// Every product as it is now, and its state after its last change in each earlier interval. View "stock":
/// SKU -> Product; SKU and interval -> Product.
const Projection& stock_projection();
/// The same projection with intervals of another length.
std::unique_ptr<const Projection> stock_projection(const Intervals& intervals);
/// Every order as it is now, and a number below which no order number is free. View "orders": order id ->
/// Order.
const Projection& order_projection();
/// The outcome of every command id. View "receipts": command id -> Receipt.
const Projection& receipt_projection();
/// What moved of every product on every day. View "movements": SKU and day -> MovementSums.
const Projection& movement_projection();
/// The same in every quarter of an hour, out of which the days of any time zone are summed. View "quarters":
/// SKU and quarter -> MovementSums.
const Projection& quarter_projection();
/// Orders by time, status, product, location and reference. View "order_index": sets of the positions of
/// orders' first events; position -> order id.
const Projection& order_index_projection();
/// The positions of every stream's events. View "streams": stream and version -> position.
const Projection& stream_projection();

}  // namespace stockfold
