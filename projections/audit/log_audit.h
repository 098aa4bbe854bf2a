// Proves a log: every event could happen in the state left by the events before it, and every rule held at
// each moment. It uses nothing but the commits that it is given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <unordered_map>

#include "core/fault.h"
#include "core/ids.h"
#include "core/state.h"
#include "projections/audit/repeated_keys.h"
#include "projections/row_table.h"
#include "storage/log/event_log.h"

namespace stockfold {

/// Counts of what was checked.
struct AuditFigures {
  std::uint64_t commits = 0;
  std::uint64_t events = 0;
  std::uint64_t products = 0;
  std::uint64_t orders = 0;
  std::uint64_t open_orders = 0;  ///< Drafts, and orders in progress.
  std::uint64_t command_ids = 0;
  std::uint64_t refusals = 0;  ///< Recorded refusals.
  friend bool operator==(const AuditFigures&, const AuditFigures&) = default;
};

/// A cursor already checks each commit's checksum, chain and positions. The audit checks in addition that:
///  - times never go back;
///  - each event could happen in the state of its order and its products, its versions are the next ones, and
///    the stock after it is what the event holds;
///  - an order begins once: its id is not used again, however long the order has been closed;
///  - a draft names products that are registered and not retired;
///  - a command id has one outcome for each actor, and only one at all if an event with that id names no
///    actor;
///  - a recorded refusal has an id, comes after the event in its way, and quotes the state as it was (of an
///    order closed by then: that it was closed); that state breaks the rule that the refusal names.
///
/// Memory: every product, every open order, and RepeatedKeys twice. One thread.
class LogAudit {
 public:
  /// `scratch`: see RepeatedKeys.
  explicit LogAudit(const std::filesystem::path& scratch, std::size_t key_bytes = RepeatedKeys::kMemoryBytes);

  /// Checks the next commit, starting with the first of the log. A fault of kind corruption is the first
  /// violation. After it the audit must not be used again.
  Result<void> follow(const Commit& commit);

  /// Called once, after the last commit.
  Result<AuditFigures> finish();

 private:
  Result<void> check(const RecordedEvent& event);
  Result<void> check_refusal(const RecordedEvent& event);
  Result<void> fold_order(const OrderId& id, const RecordedEvent& event);

  AuditFigures figures_;
  UnixMillis time_;
  RowTable<Sku, std::optional<Product>> products_;
  std::unordered_map<OrderId, Order> open_;
  RepeatedKeys orders_;
  RepeatedKeys command_ids_;
};

}  // namespace stockfold
