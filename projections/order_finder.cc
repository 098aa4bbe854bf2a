#include "projections/order_finder.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "projections/all.h"
#include "projections/order_index_keys.h"
#include "projections/position_at.h"
#include "projections/row_reads.h"
#include "storage/codec/state_codec.h"
#include "storage/views/order_ids.h"
#include "storage/views/position_block.h"

namespace stockfold {
namespace {

/// The views at one instant, if they have one.
struct Instant {
  std::unique_ptr<ViewSnapshot> index;
  std::unique_ptr<ViewSnapshot> streams;
  std::unique_ptr<ViewSnapshot> orders;

  [[nodiscard]] GlobalPosition lowest() const {
    return std::min(
        {index->checkpoint().position, streams->checkpoint().position, orders->checkpoint().position});
  }
  [[nodiscard]] bool is_one() const {
    const GlobalPosition position = index->checkpoint().position;
    return position == streams->checkpoint().position && position == orders->checkpoint().position;
  }
};

/// The sets that hold the orders of a search.
class SetsOfSearch {
 public:
  SetsOfSearch(const Instant& instant, const OrderSearch& search) : instant_(instant), search_(search) {}

  Result<std::unique_ptr<PositionCursor>> cursor() const {
    PositionCursors sets;
    if (search_.product) {
      if (auto added = add_product(sets); !added) return std::unexpected(std::move(added.error()));
    } else {
      sets.push_back(blocks(search_.status ? order_blocks::of_status(*search_.status)
                                           : std::string(order_blocks::kAll)));
    }
    return intersection_of(std::move(sets));
  }

 private:
  [[nodiscard]] std::unique_ptr<PositionCursor> blocks(std::string_view set) const {
    return block_cursor(*instant_.index, set, search_.order);
  }
  [[nodiscard]] std::unique_ptr<PositionCursor> chunks(std::string_view set) const {
    return chunk_cursor(*instant_.index, set, search_.order);
  }

  Result<void> add_product(PositionCursors& sets) const {
    const std::string_view sku = search_.product->view();
    if (search_.status == OrderStatus::in_progress) {
      auto open = open_of(sku);
      if (!open) return std::unexpected(std::move(open.error()));
      sets.push_back(std::move(*open));
      return {};
    }
    if (search_.status == OrderStatus::draft) {
      sets.push_back(chunks(order_chunks::drafts_of(sku)));
      return {};
    }
    // The events of a product are those of its orders and others. An order that began as a draft has its
    // first event not among them.
    PositionCursors of_product;
    of_product.push_back(stream_cursor(*instant_.streams, sku, search_.order));
    of_product.push_back(chunks(order_chunks::drafted_of(sku)));
    if (!search_.status) of_product.push_back(chunks(order_chunks::drafts_of(sku)));
    sets.push_back(union_of(std::move(of_product), search_.order));
    sets.push_back(
        blocks(search_.status ? order_blocks::of_status(*search_.status) : std::string(order_blocks::kAll)));
    return {};
  }

  /// The open orders of a product at every location that has any.
  [[nodiscard]] Result<std::unique_ptr<PositionCursor>> open_of(std::string_view sku) const {
    PositionCursors at_locations;
    const std::string prefix = order_chunks::open_of_product(sku);
    const auto rows = instant_.index->rows();
    auto is_row = rows->seek(prefix);
    while (is_row && *is_row) {
      const auto location = order_chunks::location_in(rows->key(), prefix);
      if (!location) break;
      const std::string set = order_chunks::open_of(sku, *location);
      at_locations.push_back(chunks(set));
      is_row = rows->seek(numbered_key(set, kLatestChunk).append(1, '\0'));
    }
    if (!is_row) return std::unexpected(std::move(is_row.error()));
    return union_of(std::move(at_locations), search_.order);
  }

  const Instant& instant_;
  const OrderSearch& search_;
};

/// The ids of orders by the positions at which they began. Neighbors cost least.
class IdReader {
 public:
  IdReader(const View& view, const ViewSnapshot& index) : view_(view), index_(index) {}

  Result<OrderId> id_at(GlobalPosition position) {
    if (auto there = read(position); !there) return std::unexpected(std::move(there.error()));
    const std::size_t begin = PositionBlock::place_of(GlobalPosition(*row_ * kIdPositions));
    auto text = order_id_at(ids_, block_.count(begin, PositionBlock::place_of(position)));
    if (!text) return damaged_at(position, text.error());
    auto id = OrderId::parse(*text);
    if (!id) return damaged_at(position, "not an order id");
    return std::move(*id);
  }

 private:
  [[nodiscard]] std::unexpected<Fault> damaged_at(GlobalPosition position, std::string_view why) const {
    return damaged(view_, "of the order that began at position " + std::to_string(position.value()), why);
  }

  Result<void> read(GlobalPosition position) {
    if (row_ == id_row_of(position)) return {};
    auto ids = index_.get(numbered_key(kIdsPrefix, id_row_of(position)));
    if (!ids) return std::unexpected(std::move(ids.error()));
    if (block_number_ != PositionBlock::number_of(position)) {
      if (auto there = read_block(position); !there) return there;
    }
    row_ = id_row_of(position);
    ids_ = *ids ? std::move(**ids) : std::string();
    return {};
  }

  Result<void> read_block(GlobalPosition position) {
    auto row = index_.get(numbered_key(order_blocks::kAll, PositionBlock::number_of(position)));
    if (!row) return std::unexpected(std::move(row.error()));
    auto block = decode_position_block(*row ? **row : std::string());
    if (!block) return damaged_at(position, block.error());
    block_ = *block;
    block_number_ = PositionBlock::number_of(position);
    return {};
  }

  const View& view_;
  const ViewSnapshot& index_;
  std::optional<std::uint64_t> row_;  ///< The number of the row that `ids_` is.
  std::string ids_;
  std::optional<std::uint64_t> block_number_;
  PositionBlock block_;
};

/// The position after `position`; empty if there is none within the bounds of the search.
std::optional<GlobalPosition> after(GlobalPosition position, const OrderSearch& search) {
  if (search.order == PositionOrder::oldest_first) return position.next();
  if (position <= search.first) return std::nullopt;
  return GlobalPosition(position.value() - 1);
}

bool is_within(GlobalPosition position, const OrderSearch& search) {
  return search.first <= position && position <= search.last;
}

}  // namespace

bool OrderSearch::takes(const Order& state) const {
  if (status && state.status != *status) return false;
  if (!product) return true;
  return std::ranges::any_of(state.lines, [&](const auto& line) { return line.sku == *product; });
}

OrderFinder::OrderFinder(ViewStore& store)
    : index_(store.view(order_index_projection().name())),
      orders_(store.view(order_projection().name())),
      streams_(store.view(stream_projection().name())) {}

Result<FoundOrders> OrderFinder::find(const OrderSearch& search, std::size_t limit) const {
  // The follower writes one view after the other, in some milliseconds: soon there is an instant at which all
  // are at one position. Without one the rows of orders may be newer than `as_of`.
  constexpr int kTries = 8;
  Instant instant;
  for (int i = 0; i < kTries; ++i) {
    instant = {index_.snapshot(), streams_.snapshot(), orders_.snapshot()};
    if (instant.is_one()) break;
  }
  FoundOrders page{{}, {}, instant.lowest()};
  auto sets = SetsOfSearch(instant, search).cursor();
  if (!sets) return std::unexpected(std::move(sets.error()));
  IdReader ids(index_, *instant.index);

  const bool newest_first = search.order == PositionOrder::newest_first;
  std::optional<GlobalPosition> from =
      newest_first ? std::min(search.last, page.as_of) : std::max(search.first, GlobalPosition(1));
  std::size_t visits = 0;
  while (from) {
    auto found = (*sets)->seek(*from);
    if (!found) return std::unexpected(std::move(found.error()));
    if (!*found || !is_within(**found, search)) break;
    const bool is_full = page.rows.size() == std::min(limit, kMaxRowsRead);
    if (is_full || (visits >= kPageVisits && !page.rows.empty())) {
      page.next = **found;
      break;
    }
    ++visits;
    auto id = ids.id_at(**found);
    if (!id) return std::unexpected(std::move(id.error()));
    auto row = instant.orders->get(id->view());
    if (!row) return std::unexpected(std::move(row.error()));
    auto stored = decoded<StoredOrder>(orders_, id->view(), *row, decode_order);
    if (!stored) return std::unexpected(std::move(stored.error()));
    if (!*stored) return damaged(orders_, id->view(), "the order is unknown, but it began");
    if (search.takes((*stored)->order)) {
      page.rows.push_back({std::move(*id), std::move((*stored)->order), **found});
    }
    from = after(**found, search);
  }
  return page;
}

Result<std::optional<GlobalPosition>> OrderFinder::beginning_of(const OrderId& order) const {
  auto row = orders_.get(order.view());
  if (!row) return std::unexpected(std::move(row.error()));
  auto stored = decoded<StoredOrder>(orders_, order.view(), *row, decode_order);
  if (!stored) return std::unexpected(std::move(stored.error()));
  if (!*stored) return std::nullopt;
  return first_event(**stored);
}

Result<GlobalPosition> OrderFinder::position_at(const EventLog& log, UnixMillis time) const {
  if (time < UnixMillis(0)) return GlobalPosition(0);
  const auto snapshot = index_.snapshot();
  GlobalPosition known;
  GlobalPosition head = snapshot->checkpoint().position;
  const auto rows = snapshot->rows();
  const std::string key = numbered_key(kTimePrefix, static_cast<std::uint64_t>(time.value()));
  auto is_row = rows->seek_back(key);
  if (!is_row) return std::unexpected(std::move(is_row.error()));
  if (*is_row && rows->key().starts_with(kTimePrefix)) {
    const auto position = decode_number(rows->value());
    if (!position) return damaged(index_, "of a time", "not a position");
    known = GlobalPosition(*position);
  }
  is_row = rows->seek(std::string(key).append(1, '\0'));
  if (!is_row) return std::unexpected(std::move(is_row.error()));
  if (*is_row && rows->key().starts_with(kTimePrefix)) {
    const auto position = decode_number(rows->value());
    if (!position || *position == 0) return damaged(index_, "of a time", "not a position");
    head = GlobalPosition(*position - 1);
  }
  return stockfold::position_at(log, time, head, known);
}

}  // namespace stockfold
