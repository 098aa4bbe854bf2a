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

/// Rows that a fold may keep in memory from batch to batch: some 20 MB of each kind of row. With more
/// products than that in use at once, rows are read back, many at a time.
inline constexpr std::size_t kHeldRows = 65'536;

/// A fold under way. A batch is any number of calls of apply() and one of finish(); the rows of it are then
/// written to the view before the next. What it has read of the view it may keep in memory, for nobody else
/// writes there. One thread. After a fault it is of no more use.
class Fold {
 public:
  virtual ~Fold() = default;
  /// Folds the events of one commit in. They come in order of position, each once, and stay where they are
  /// until finish(). A row may be put at once, or in finish(): best once a batch, however often it changes. A
  /// fault says that an event cannot have happened or that a row is damaged; the batch is then thrown away.
  virtual Result<void> apply(std::span<const RecordedEvent> events, RowChanges& rows) = 0;
  /// Puts whatever of the batch has not been put yet.
  virtual Result<void> finish(RowChanges& /*rows*/) { return {}; }
};

/// Stateless: all that it knows is in its rows, which are the same however the events were cut into batches.
/// To add one: a file beside the others, a line in all_projections().
class Projection {
 public:
  virtual ~Projection() = default;
  /// Also the name of its view; never reused for other rows.
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Raised when the rows change their meaning or form: the view is then built anew from the log.
  [[nodiscard]] virtual std::uint32_t version() const = 0;
  /// Whether commands are decided on its rows. A ledger takes none before such a view holds all that the log
  /// does; any other it may build while it serves, and reads of it are refused until it is ready.
  [[nodiscard]] virtual bool gates_commands() const { return false; }
  /// Goes on from the rows that the view holds. The view must outlive what is returned.
  [[nodiscard]] virtual std::unique_ptr<Fold> fold(const View& view) const = 0;
};

}  // namespace stockfold
