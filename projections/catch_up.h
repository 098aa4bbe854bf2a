// Brings views to the head of the log. Live following, recovery after a crash and a rebuild are this code.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <span>
#include <vector>

#include "core/event_log.h"
#include "core/fault.h"
#include "projections/projection.h"
#include "storage/view_store.h"

namespace stockfold {

/// One thread. Log, views and projections must outlive it.
class CatchUp {
 public:
  /// Follows with every projection (one at least), each from the checkpoint of its view. A view is cleared
  /// and built anew from the first event where its checkpoint is of another version of the projection,
  /// another ledger or another epoch. A view that is ahead of the log, or whose checkpoint's hash is not that
  /// of its commit, is corruption: the log lost what was acknowledged.
  static std::expected<CatchUp, Fault> start(const EventLog& log, ViewStore& views,
                                             std::span<const Projection* const> projections);

  /// Folds in at least one commit if there is one, and further ones up to about `max_events` events, an order
  /// of many lines counting for as many; writes every view that moved, rows and checkpoint as one. Returns
  /// how many events it read: 0 at the head. After a fault it is of no more use.
  std::expected<std::size_t, Fault> step(std::size_t max_events);

  /// The lowest position among the views.
  [[nodiscard]] GlobalPosition position() const;

 private:
  struct Followed {
    const Projection* projection;
    View* view;
    ViewCheckpoint checkpoint;
    std::unique_ptr<Fold> fold;
    RowChanges rows;  ///< Of the batch.
  };

  CatchUp(const EventLog& log, std::vector<Followed> followed, const Head& head);

  std::expected<void, Fault> apply(const Commit& commit);
  std::expected<void, Fault> write(const Commit& last);

  std::vector<Followed> followed_;
  LedgerId ledger_;
  Epoch epoch_;
  std::unique_ptr<LogCursor> cursor_;
  std::vector<std::shared_ptr<const Commit>> batch_;  ///< Folds point into its events.
};

}  // namespace stockfold
