// What a projection is: a name, a version, and how events change its rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "core/event.h"
#include "core/fault.h"
#include "storage/views/view_store.h"

namespace stockfold {

/// How many rows a fold may keep in memory from batch to batch: some 20 MB for each kind of row. If more
/// products are in use at once, rows are read back, many at a time.
inline constexpr std::size_t kHeldRows = 65'536;

/// A fold under way. A batch is any number of calls of apply(), then one of finish(). The rows of a batch are
/// written to the view before the next batch begins. The fold may keep in memory what it has read of the
/// view, because nothing else writes there. One thread. After a fault it must not be used again.
class Fold {
 public:
  virtual ~Fold() = default;
  /// Folds in the events of one commit. Events come in order of position, each once, and stay in memory until
  /// finish(). A row may be put at once or in finish(); once a batch is best, however often the row changes.
  /// A fault means that an event cannot have happened or that a row is damaged. The batch is then dropped.
  virtual Result<void> apply(std::span<const RecordedEvent> events, RowChanges& rows) = 0;
  /// Puts the rows of the batch that have not been put yet.
  virtual Result<void> finish(RowChanges& /*rows*/) { return {}; }
};

/// Stateless: all state is in the rows, which do not depend on how the events were cut into batches. To add a
/// projection, add a file next to the others and a line in all_projections().
class Projection {
 public:
  virtual ~Projection() = default;
  /// Also the name of its view; never reused for other rows.
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Raised when the rows change their meaning or form. The view is then rebuilt from the log.
  [[nodiscard]] virtual std::uint32_t version() const = 0;
  /// Whether commands are decided on its rows. A ledger accepts commands only once such a view holds all
  /// events of the log. Other views may be built while the ledger serves; reads of them are refused until
  /// they are ready.
  [[nodiscard]] virtual bool gates_commands() const { return false; }
  /// A fold that continues from the rows of the view. The view must outlive it.
  [[nodiscard]] virtual std::unique_ptr<Fold> fold(const View& view) const = 0;
};

}  // namespace stockfold
