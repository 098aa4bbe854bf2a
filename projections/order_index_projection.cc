#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/overloaded.h"
#include "projections/all.h"
#include "projections/begun_orders.h"
#include "projections/open_lines.h"
#include "projections/order_facts.h"
#include "projections/order_index_keys.h"
#include "projections/position_sets.h"

namespace stockfold {
namespace {

/// Calls `visit(sku)` for each product of lines in order of SKU, once.
template <class AnyLines, class Visit>
Result<void> for_each_sku(const AnyLines& lines, const Visit& visit) {
  const Sku* before = nullptr;
  for (const auto& line : lines) {
    if (before != nullptr && *before == line.sku) continue;
    before = &line.sku;
    if (auto visited = visit(line.sku.view()); !visited) return visited;
  }
  return {};
}

/// An order is in the sets of its status, its locations, its reference and its products, by the position of
/// its first event. What the events of an order do not say is held until the order is closed.
class OrderIndexFold final : public Fold {
 public:
  explicit OrderIndexFold(const View& view)
      : blocks_(view), chunks_(view), orders_(view, blocks_), lines_(view) {}

  Result<void> apply(std::span<const RecordedEvent> events, RowChanges& rows) override {
    for (const RecordedEvent& event : events) {
      auto added = std::visit(
          Overloaded{
              [&](const OrderDrafted& e) { return draft(event, e, rows); },
              [&](const OrderPlaced& e) { return place(event, e, rows); },
              [&](const OrderAborted& e) { return e.was_draft ? drop(event, e) : change(event, e, rows); },
              [&](const OrderFulfilled& e) { return change(event, e, rows); },
              [](const auto& /*begins and closes no order*/) { return Result<void>(); },
          },
          event.event);
      if (!added) return added;
    }
    return {};
  }

  Result<void> finish(RowChanges& rows) override {
    blocks_.finish(rows);
    chunks_.finish(rows);
    orders_.finish(rows);
    lines_.finish(rows);
    return {};
  }

 private:
  Result<void> draft(const RecordedEvent& recorded, const OrderDrafted& event, RowChanges& rows) {
    if (auto begun = begin(recorded, event, OrderStatus::draft, rows); !begun) return begun;
    return for_each_sku(event.lines, [&](std::string_view sku) {
      return chunks_.add_latest(order_chunks::drafts_of(sku), recorded.position);
    });
  }

  Result<void> place(const RecordedEvent& recorded, const OrderPlaced& event, RowChanges& rows) {
    if (recorded.version != StreamVersion(1)) return place_draft(recorded, event);
    if (auto begun = begin(recorded, event, OrderStatus::in_progress, rows); !begun) return begun;
    for (const StockedLine& line : event.lines) {
      auto added =
          chunks_.add_latest(order_chunks::open_of(line.sku.view(), location_of(line)), recorded.position);
      if (!added) return added;
    }
    lines_.add(recorded.position, event.lines);
    return {};
  }

  Result<void> place_draft(const RecordedEvent& recorded, const OrderPlaced& event) {
    const auto first = orders_.find(event.order, recorded.position);
    if (!first) return std::unexpected(first.error());
    if (auto left = leave_drafts(*first, event.lines, OrderStatus::in_progress); !left) return left;
    for (const StockedLine& line : event.lines) {
      auto added = chunks_.add(order_chunks::open_of(line.sku.view(), location_of(line)), *first);
      if (!added) return added;
    }
    lines_.add(*first, event.lines);
    return {};
  }

  /// A draft is aborted.
  Result<void> drop(const RecordedEvent& recorded, const OrderAborted& event) {
    const auto first = orders_.find(event.order, recorded.position);
    if (!first) return std::unexpected(first.error());
    orders_.close(event.order);
    return leave_drafts(*first, event.lines, OrderStatus::aborted);
  }

  template <class E>
  Result<void> change(const RecordedEvent& recorded, const E& event, RowChanges& rows) {
    const OrderStatus status = status_after(event);
    if (status == OrderStatus::in_progress) return {};
    const auto first = orders_.find(event.order, recorded.position);
    if (!first) return std::unexpected(first.error());
    orders_.close(event.order);
    if (auto moved = move(*first, OrderStatus::in_progress, status); !moved) return moved;
    auto closed = lines_.close(*first, event.lines, is_whole(event), rows);
    if (!closed) return std::unexpected(std::move(closed.error()));
    for (const std::string& set : *closed) {
      if (auto removed = chunks_.remove(set, *first); !removed) return removed;
    }
    return {};
  }

  template <class E>
  Result<void> begin(const RecordedEvent& recorded, const E& event, OrderStatus status, RowChanges& rows) {
    const GlobalPosition first = recorded.position;
    const auto is_first = blocks_.add(order_blocks::kAll, first);
    if (!is_first) return std::unexpected(is_first.error());
    if (*is_first) put_time(recorded, rows);
    if (auto added = blocks_.add(order_blocks::of_status(status), first); !added) {
      return std::unexpected(added.error());
    }
    if (auto added = add_locations(event.lines, first); !added) return added;
    if (const std::string_view reference = reference_of(event); !reference.empty()) {
      if (auto added = chunks_.add_latest(order_chunks::of_reference(reference), first); !added) return added;
    }
    return orders_.begin(event.order, first, rows);
  }

  template <class AnyLines>
  Result<void> add_locations(const AnyLines& lines, GlobalPosition first) {
    locations_.clear();
    for (const auto& line : lines) locations_.push_back(location_of(line));
    std::ranges::sort(locations_);
    const auto repeated = std::ranges::unique(locations_);
    locations_.erase(repeated.begin(), repeated.end());
    for (const std::string_view location : locations_) {
      if (location.empty()) {
        if (auto added = blocks_.add(order_blocks::kAtMain, first); !added)
          return std::unexpected(added.error());
      } else if (auto added = chunks_.add_latest(order_chunks::at_location(location), first); !added) {
        return added;
      }
    }
    return {};
  }

  Result<void> move(GlobalPosition first, OrderStatus from, OrderStatus to) {
    if (auto removed = blocks_.remove(order_blocks::of_status(from), first); !removed) return removed;
    if (auto added = blocks_.add(order_blocks::of_status(to), first); !added) {
      return std::unexpected(added.error());
    }
    return {};
  }

  Result<void> leave_drafts(GlobalPosition first, const StockedLines& lines, OrderStatus to) {
    if (auto moved = move(first, OrderStatus::draft, to); !moved) return moved;
    return for_each_sku(lines, [&](std::string_view sku) {
      auto removed = chunks_.remove(order_chunks::drafts_of(sku), first);
      return removed ? chunks_.add(order_chunks::drafted_of(sku), first) : removed;
    });
  }

  void put_time(const RecordedEvent& recorded, RowChanges& rows) {
    encode_number(recorded.position.value(), bytes_);
    rows.put(numbered_key(kTimePrefix, static_cast<std::uint64_t>(recorded.time.value())), bytes_);
  }

  BlockSets blocks_;
  ChunkSets chunks_;
  BegunOrders orders_;
  OpenLines lines_;
  std::vector<std::string_view> locations_;
  std::string bytes_;
};

class OrderIndexProjection final : public Projection {
 public:
  [[nodiscard]] std::string_view name() const override { return "order_index"; }
  [[nodiscard]] std::uint32_t version() const override { return 1; }
  [[nodiscard]] std::unique_ptr<Fold> fold(const View& view) const override {
    return std::make_unique<OrderIndexFold>(view);
  }
};

}  // namespace

const Projection& order_index_projection() {
  static const OrderIndexProjection projection;
  return projection;
}

}  // namespace stockfold
