// The proof of a log: every event could happen in the state that the events before it leave, and every rule
// that holds at each moment held. It knows nothing but the commits that it is given.
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

/// What was checked, counted.
struct AuditFigures {
  std::uint64_t commits = 0;
  std::uint64_t events = 0;
  std::uint64_t products = 0;
  std::uint64_t orders = 0;
  std::uint64_t open_orders = 0;  ///< Drafts, and orders in progress.
  std::uint64_t command_ids = 0;
  std::uint64_t refusals = 0;  ///< That are recorded.
  friend bool operator==(const AuditFigures&, const AuditFigures&) = default;
};

/// Checked are, besides what a cursor checks of each commit (checksum, chain, positions):
///  - times never go back;
///  - each event could happen in the state of its order and its products, its versions are the next, and the
///    stock after it is what it says;
///  - an order begins once: its id is not taken again, however long it has been closed;
///  - a draft names products that are there and not retired;
///  - a command id has one outcome for each actor, and one alone where an event under it names no actor;
///  - a recorded refusal has an id, stands behind the event in its way, quotes the state as it was (of an
///  order
///    that was closed by then, that it was), and names a rule which that state breaks.
///
/// Memory: every product, every order that is open, and RepeatedKeys twice. One thread.
class LogAudit {
 public:
  /// `scratch`: see RepeatedKeys.
  explicit LogAudit(const std::filesystem::path& scratch, std::size_t key_bytes = RepeatedKeys::kMemoryBytes);

  /// The commits, one after the other, from the first on. A fault of kind corruption is the first violation;
  /// after it the audit is of no more use.
  Result<void> follow(const Commit& commit);

  /// After the last commit, once.
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
