// The ledger folded from the first event: what its views must agree with.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/fault.h"
#include "core/ids.h"
#include "core/numbers.h"
#include "core/state.h"
#include "projections/row_table.h"
#include "projections/views.h"
#include "storage/log/event_log.h"

namespace stockfold {

/// Keeps products whole, and of orders only the number in each status, so memory grows with products alone.
/// One thread.
class Replay {
 public:
  /// Folds in the events of the log's next commit, up to `to`. A fault names an event that cannot have
  /// happened; after it the replay must not be used again.
  Result<void> fold(const Commit& commit, GlobalPosition to);

  /// The position of the last event that was folded in.
  [[nodiscard]] GlobalPosition position() const { return position_; }
  /// The hash of the commit that holds that event; empty if there is none.
  [[nodiscard]] const std::optional<CommitHash>& hash() const { return hash_; }
  [[nodiscard]] std::uint64_t commits() const { return commits_; }
  [[nodiscard]] std::uint64_t events() const { return position_.value(); }
  [[nodiscard]] std::uint64_t orders(OrderStatus status) const { return orders_[slot_of(status)]; }
  /// In order of SKU.
  [[nodiscard]] std::vector<ProductRow> products() const;

 private:
  static constexpr std::size_t slot_of(OrderStatus status) { return static_cast<std::size_t>(status) - 1; }

  Result<void> fold(const RecordedEvent& event);
  Result<void> count_order(const RecordedEvent& event);

  RowTable<Sku, std::optional<Product>> products_;
  std::array<std::uint64_t, 4> orders_{};  ///< Indexed by status.
  GlobalPosition position_;
  std::optional<CommitHash> hash_;
  std::uint64_t commits_ = 0;
};

}  // namespace stockfold
