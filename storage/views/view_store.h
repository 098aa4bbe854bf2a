// The port to what projections keep: rows and the position they are good for, always moved together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/fault.h"
#include "core/ids.h"
#include "core/numbers.h"
#include "storage/log/view_checkpoint.h"
#include "storage/views/row_changes.h"

namespace stockfold {

/// Called with key and value; false ends the scan.
using RowVisitor = std::function<bool(std::string_view key, std::string_view value)>;

/// One view at one instant. One thread; the store must outlive it.
class ViewSnapshot {
 public:
  virtual ~ViewSnapshot() = default;
  [[nodiscard]] virtual const ViewCheckpoint& checkpoint() const = 0;
  [[nodiscard]] virtual Result<std::optional<std::string>> get(std::string_view key) const = 0;
  /// Visits the rows from the first key that is not below `from`, ascending.
  [[nodiscard]] virtual Result<void> scan(std::string_view from, const RowVisitor& visit) const = 0;
};

/// Rows by key. Keys are 1 to 256 bytes, compared byte by byte. Reads: any thread; writes: one thread at a
/// time.
class View {
 public:
  virtual ~View() = default;

  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual ViewCheckpoint checkpoint() const = 0;
  [[nodiscard]] virtual std::unique_ptr<ViewSnapshot> snapshot() const = 0;
  /// The row as it is now.
  [[nodiscard]] virtual Result<std::optional<std::string>> get(std::string_view key) const = 0;
  /// Several rows, in the order of the keys.
  [[nodiscard]] virtual Result<std::vector<std::optional<std::string>>> get(
      std::span<const std::string_view> keys) const = 0;

  /// Changes rows and checkpoint as one: a reader, or a crash, sees both or neither. Not yet durable: see
  /// flush().
  virtual Result<void> write(const RowChanges& changes, const ViewCheckpoint& checkpoint) = 0;
  /// Takes every row away and sets the checkpoint back to a default-made one.
  virtual Result<void> clear() = 0;
};

class ViewStore {
 public:
  virtual ~ViewStore() = default;
  /// The view of that name, one of those that the store was opened with. The store keeps it.
  [[nodiscard]] virtual View& view(std::string_view name) = 0;

  /// Makes an empty view beside the one of that name: its shadow, to be built anew while the view goes on.
  /// One that was there goes. Nobody else sees it, and one that a crash left is gone after the next open. The
  /// store keeps it until it is put in place or dropped. What concerns the shadow of one view is done by one
  /// thread at a time. Never null.
  virtual Result<View*> make_shadow(std::string_view name) = 0;
  /// The rows and the checkpoint of the shadow become those of the view, durably, in one step that a crash
  /// leaves done or undone. Reads may go on meanwhile, and snapshots of the view stay as they were; nobody
  /// may write the view or its shadow. The shadow, which must be there, is then gone.
  virtual Result<void> replace_by_shadow(std::string_view name) = 0;
  /// Does nothing where there is none.
  virtual Result<void> drop_shadow(std::string_view name) = 0;

  /// Returns when all that was written to any view, or shadow, is durable. After a crash each view is whole
  /// at this or a later position.
  virtual Result<void> flush() = 0;
  /// Starts the same and returns without waiting for it, unless the store is still busy with several begun
  /// before.
  virtual Result<void> begin_flush() = 0;
};

}  // namespace stockfold
