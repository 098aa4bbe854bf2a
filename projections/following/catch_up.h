// Brings views to the head of the log. Live following, recovery after a crash and a rebuild all use this
// code.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/fault.h"
#include "projections/projection.h"
#include "storage/log/event_log.h"
#include "storage/views/view_store.h"

namespace stockfold {

/// Whether a view's rows are those of this version of its projection, of this ledger in its present epoch.
[[nodiscard]] bool is_fold_of(const ViewCheckpoint& checkpoint, const Projection& projection,
                              const Head& head);
/// Why a view must be rebuilt from the log, as the state of its rows. Empty if the fold can continue from
/// them.
[[nodiscard]] std::string why_rebuilt(const ViewCheckpoint& checkpoint, const Projection& projection,
                                      const Head& head);

/// One thread. Log, views and projections must outlive it.
class CatchUp {
 public:
  /// A view and the projection that fills it.
  struct Projected {
    const Projection* projection;
    View* view;
  };

  /// Follows the log with every projection (one at least), each from the checkpoint of its view. A view is
  /// cleared and rebuilt from the first event if its checkpoint is of another version of the projection,
  /// another ledger or another epoch, or if it has rows but no checkpoint.
  ///
  /// A view that is ahead of the log, or whose checkpoint's hash differs from that of its commit, is
  /// corruption: the log lost acknowledged events.
  static Result<CatchUp> start(const EventLog& log, ViewStore& views,
                               std::span<const Projection* const> projections);

  /// Builds views (one at least) that were never written, such as shadows. `commits` reads the log from its
  /// first event.
  static CatchUp from_nothing(const EventLog& log, std::span<const Projected> views,
                              std::unique_ptr<LogCursor> commits);

  /// Folds in at least one commit if there is one, and further ones up to about `max_events` events; an order
  /// with many lines counts as many events. Writes every view that moved, rows and checkpoint together.
  /// Returns how many events it read: 0 at the head. After a fault it must not be used again.
  Result<std::size_t> step(std::size_t max_events);

  /// Brings the views of `other` to the position of this one, in batches of about `max_events`, and then
  /// follows them as well. `other` must hold no shadows, and no view that this one follows already.
  Result<void> join(CatchUp other, std::size_t max_events);

  /// The lowest position among the views; shadows do not count.
  [[nodiscard]] GlobalPosition position() const;

  /// Follows a shadow as well, from the shadow's checkpoint.
  void add_shadow(const Projected& shadow);
  /// The position of the shadow and of the view of that name, if both are at the same one; nothing while the
  /// shadow trails.
  [[nodiscard]] std::optional<GlobalPosition> level_with_shadow(std::string_view name) const;
  /// Stops following the shadow. Must be called before the shadow is dropped from the store.
  void remove_shadow(std::string_view name);
  /// Continues from the rows that the view of that name holds now. Called after its shadow has replaced it.
  void continue_from_view(std::string_view name);

 private:
  struct Followed {
    const Projection* projection;
    View* view;
    bool is_shadow = false;
    ViewCheckpoint checkpoint;
    std::unique_ptr<Fold> fold;
    RowChanges rows;  ///< Of the batch.
  };

  CatchUp(const EventLog& log, std::vector<Followed> followed, std::unique_ptr<LogCursor> cursor);
  static GlobalPosition lowest(const std::vector<Followed>& followed);
  /// The index in followed_.
  [[nodiscard]] std::size_t find(std::string_view name, bool is_shadow) const;

  Result<void> apply(const Commit& commit);
  Result<void> write(const Commit& last);

  const EventLog* log_;
  std::vector<Followed> followed_;
  LedgerId ledger_;
  Epoch epoch_;
  std::unique_ptr<LogCursor> cursor_;
  std::vector<std::shared_ptr<const Commit>> batch_;  ///< Folds point into its events.
};

}  // namespace stockfold
