#include "projections/audit/replay.h"

#include <algorithm>
#include <string>

#include "core/evolve.h"
#include "core/overloaded.h"

namespace stockfold {
namespace {

struct StatusChange {
  std::optional<OrderStatus> from;  ///< Empty: the order is new.
  OrderStatus to = OrderStatus::draft;
};

/// What an event does to the status of an order, judged by the event alone; nothing if it is not an event of
/// an order.
std::optional<StatusChange> status_change_of(const RecordedEvent& recorded) {
  using enum OrderStatus;
  const bool is_first = recorded.version == StreamVersion(1);
  const auto none = [](const auto&) -> std::optional<StatusChange> { return std::nullopt; };
  return std::visit(
      Overloaded{
          none,
          [](const OrderDrafted&) -> std::optional<StatusChange> { return StatusChange{{}, draft}; },
          [&](const OrderPlaced&) -> std::optional<StatusChange> {
            return is_first ? StatusChange{{}, in_progress} : StatusChange{draft, in_progress};
          },
          [](const OrderAborted& event) -> std::optional<StatusChange> {
            return StatusChange{event.was_draft ? draft : in_progress, aborted};
          },
          [](const OrderFulfilled&) -> std::optional<StatusChange> {
            return StatusChange{in_progress, fulfilled};
          },
      },
      recorded.event);
}

}  // namespace

Result<void> Replay::fold(const Commit& commit, GlobalPosition to) {
  for (const RecordedEvent& event : commit.events) {
    if (event.position > to) break;
    if (auto folded = fold(event); !folded) return folded;
    position_ = event.position;
  }
  hash_ = commit.hash;
  ++commits_;
  return {};
}

Result<void> Replay::fold(const RecordedEvent& event) {
  Result<void> folded;
  for_each_product(event, [&](const Sku& sku, StreamVersion) {
    if (!folded) return;
    const auto [number, added] = products_.add(sku);
    folded = evolve(products_[number].value, sku, event);
  });
  if (!folded) return folded;
  return count_order(event);
}

Result<void> Replay::count_order(const RecordedEvent& event) {
  const auto change = status_change_of(event);
  if (!change) return {};
  if (change->from) {
    std::uint64_t& before = orders_[slot_of(*change->from)];
    if (before == 0) {
      return std::unexpected(corruption(event.position, std::string(name_of(type_of(event.event))) +
                                                            " cannot happen: no order is " +
                                                            std::string(name_of(*change->from))));
    }
    --before;
  }
  ++orders_[slot_of(change->to)];
  return {};
}

std::vector<ProductRow> Replay::products() const {
  std::vector<ProductRow> rows;
  rows.reserve(products_.size());
  for (const auto& [sku, product] : products_.entries()) rows.push_back({sku, *product});
  std::ranges::sort(rows, {}, &ProductRow::sku);
  return rows;
}

}  // namespace stockfold
