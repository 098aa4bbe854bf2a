// Brings views to the head of the log. Live following, recovery after a crash and a rebuild are this code.
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
/// Why a view is built anew from the log: what its rows are instead. Empty where they are carried on.
[[nodiscard]] std::string why_begun_anew(const ViewCheckpoint& checkpoint, const Projection& projection,
                                         const Head& head);

/// One thread. Log, views and projections must outlive it.
class CatchUp {
 public:
  /// A view and the projection that keeps it.
  struct Projected {
    const Projection* projection;
    View* view;
  };

  /// Follows with every projection (one at least), each from the checkpoint of its view. A view is cleared
  /// and built anew from the first event where its checkpoint is of another version of the projection,
  /// another ledger or another epoch, or where it has rows but no checkpoint. A view that is ahead of the
  /// log, or whose checkpoint's hash is not that of its commit, is corruption: the log lost what was
  /// acknowledged.
  static Result<CatchUp> start(const EventLog& log, ViewStore& views,
                               std::span<const Projection* const> projections);

  /// Builds views (one at least) that were never written, such as shadows. `commits` reads the log from its
  /// first event on.
  static CatchUp from_nothing(const EventLog& log, std::span<const Projected> views,
                              std::unique_ptr<LogCursor> commits);

  /// Folds in at least one commit if there is one, and further ones up to about `max_events` events, an order
  /// of many lines counting for as many; writes every view that moved, rows and checkpoint as one. Returns
  /// how many events it read: 0 at the head. After a fault it is of no more use.
  Result<std::size_t> step(std::size_t max_events);

  /// Brings what `other` follows to where this is, in batches of about `max_events`, and follows it, too. No
  /// shadows are among it, and no view that this follows already.
  Result<void> join(CatchUp other, std::size_t max_events);

  /// The lowest position among the views; shadows do not count.
  [[nodiscard]] GlobalPosition position() const;

  /// Follows with a shadow, too, from its checkpoint on.
  void add_shadow(const Projected& shadow);
  /// Where the shadow and the view of that name both are; nothing as long as the shadow trails.
  [[nodiscard]] std::optional<GlobalPosition> level_with_shadow(std::string_view name) const;
  /// Follows the shadow no more. Before it is dropped from the store.
  void remove_shadow(std::string_view name);
  /// Goes on from the rows that the view of that name holds now: after its shadow took its place.
  void begin_anew(std::string_view name);

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
  /// Its number in followed_.
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
