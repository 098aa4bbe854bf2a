#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "projections/all.h"
#include "projections/order_numbers.h"
#include "projections/recent_orders.h"
#include "projections/row_table.h"
#include "storage/codec/state_codec.h"

namespace stockfold {
namespace {

void copy_lines(const Lines& lines, Lines& into) { into.assign(lines.begin(), lines.end()); }

void copy_lines(const StockedLines& lines, Lines& into) {
  into.clear();
  into.reserve(lines.size());
  for (const StockedLine& line : lines) into.push_back({line.sku, line.quantity});
}

template <class E>
constexpr OrderStatus kStatusAfter = OrderStatus::draft;
template <>
constexpr OrderStatus kStatusAfter<OrderPlaced> = OrderStatus::in_progress;
template <>
constexpr OrderStatus kStatusAfter<OrderAborted> = OrderStatus::aborted;
template <>
constexpr OrderStatus kStatusAfter<OrderFulfilled> = OrderStatus::fulfilled;

/// The positions of an open order's events; there are two at most.
RecentOrders::Positions positions_of(const StoredOrder& stored) {
  RecentOrders::Positions positions = stored.earlier;
  const std::size_t latest = stored.order.version.value() - 1;
  if (latest < positions.size()) positions[latest] = stored.order.changed_at;
  return positions;
}

/// Forms the state of an order from its latest event alone, which carries all that the row holds. Only the
/// positions of the earlier events must be looked up; those of recently open orders are in memory. That an
/// event could happen was checked when it was decided.
class OrderFold final : public Fold {
 public:
  explicit OrderFold(const View& view) : view_(view), numbers_(view) {}

  Result<void> apply(std::span<const RecordedEvent> events, RowChanges& /*rows*/) override {
    for (const RecordedEvent& recorded : events) {
      const OrderId* order = std::visit(
          [](const auto& event) -> const OrderId* {
            if constexpr (requires { event.order; }) return &event.order;
            return nullptr;
          },
          recorded.event);
      if (order == nullptr) continue;
      if (auto added = add(*order, recorded); !added) return added;
    }
    return {};
  }

  Result<void> finish(RowChanges& rows) override {
    if (auto known = find_earlier(); !known) return known;
    for (const auto& [order, change] : changes_.entries()) {
      form_row(change);
      encode(row_, bytes_);
      rows.put(order, bytes_);
      if (is_open(row_.order.status)) recent_.keep(order, row_.order.version, positions_of(row_));
    }
    changes_.clear();
    return numbers_.finish(rows);
  }

 private:
  using Positions = RecentOrders::Positions;

  /// What a batch changes in one order.
  struct Change {
    const RecordedEvent* first = nullptr;
    const RecordedEvent* latest = nullptr;
    Positions earlier{};  ///< Positions of the versions before the latest.
  };

  Result<void> add(const OrderId& order, const RecordedEvent& recorded) {
    const auto [number, added] = changes_.add(order.view());
    Change& change = changes_[number].value;
    const StreamVersion expected = added ? recorded.version : change.latest->version.next();
    if (recorded.version != expected || recorded.version.value() < 1 ||
        recorded.version.value() > change.earlier.size() + 1) {
      return std::unexpected(corruption(recorded.position, StreamId::of(order).str() + ": found version " +
                                                               std::to_string(recorded.version.value()) +
                                                               ", which cannot be the next"));
    }
    if (added) {
      change.first = &recorded;
      if (recorded.version == StreamVersion(1)) numbers_.take(order.view(), recorded.position);
    } else {
      change.earlier[change.latest->version.value() - 1] = change.latest->position;
    }
    change.latest = &recorded;
    return {};
  }

  /// Finds the earlier positions of orders that did not begin in this batch: from memory, and the rest with
  /// one read of the view.
  Result<void> find_earlier() {
    std::vector<std::string_view> keys;
    std::vector<Change*> unknown;
    for (auto& [order, change] : changes_.entries()) {
      if (change.first->version == StreamVersion(1)) continue;
      if (const auto* positions = recent_.find(order, before(*change.first))) {
        take_earlier(*positions, change);
      } else {
        keys.push_back(order);
        unknown.push_back(&change);
      }
    }
    if (keys.empty()) return {};
    auto rows = view_.get(keys);
    if (!rows) return std::unexpected(std::move(rows.error()));
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const GlobalPosition position = unknown[i]->first->position;
      const std::string name = "order " + std::string(keys[i]);
      if (!(*rows)[i]) return std::unexpected(corruption(position, name + " is unknown, but it changes"));
      const auto stored = decode_order(*(*rows)[i]);
      if (!stored) {
        return std::unexpected(corruption(position, "the row of " + name + ": " + stored.error()));
      }
      if (stored->order.version != before(*unknown[i]->first)) {
        return std::unexpected(corruption(position, "the row of " + name + " has another version"));
      }
      take_earlier(positions_of(*stored), *unknown[i]);
    }
    return {};
  }

  static StreamVersion before(const RecordedEvent& event) { return StreamVersion(event.version.value() - 1); }

  /// `positions` are those before the order's first event in the batch.
  static void take_earlier(const Positions& positions, Change& change) {
    const std::size_t count = change.first->version.value() - 1;
    std::copy_n(positions.begin(), count, change.earlier.begin());
  }

  void form_row(const Change& change) {
    Order& order = row_.order;
    std::visit(
        [&]<class E>(const E& event) {
          if constexpr (requires { event.order; }) {
            order.status = kStatusAfter<E>;
            copy_lines(event.lines, order.lines);
          }
        },
        change.latest->event);
    order.version = change.latest->version;
    order.changed_at = change.latest->position;
    order.changed_by = change.latest->actor;
    row_.earlier = change.earlier;
  }

  const View& view_;
  RowTable<std::string_view, Change> changes_;  ///< The ids are stored in the events of the batch.
  RecentOrders recent_;
  OrderNumbers numbers_;
  StoredOrder row_;  ///< The row that is being formed; its memory is reused.
  std::string bytes_;
};

class OrderProjection final : public Projection {
 public:
  [[nodiscard]] std::string_view name() const override { return "orders"; }
  [[nodiscard]] std::uint32_t version() const override { return 2; }
  [[nodiscard]] bool gates_commands() const override { return true; }
  [[nodiscard]] std::unique_ptr<Fold> fold(const View& view) const override {
    return std::make_unique<OrderFold>(view);
  }
};

}  // namespace

const Projection& order_projection() {
  static const OrderProjection projection;
  return projection;
}

}  // namespace stockfold
