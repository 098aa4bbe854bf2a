// The port of the views: rows that projections keep, and the checkpoint that says which events they hold.
//
// An engine implements ViewStore, View and ViewSnapshot. Its rules:
//  1. Rows and checkpoint of a view change together. A reader, or a crash, sees both or neither.
//  2. Writes are not durable until flush(). After a crash each view is whole, at some earlier position.
//  3. A snapshot does not change. Views may be lost or thrown away: the log can always build them again.
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

/// Called with each key and value. Returns false to end the scan.
using RowVisitor = std::function<bool(std::string_view key, std::string_view value)>;

/// Moves over the rows of a snapshot in both directions. One thread; the snapshot must outlive it. A move
/// returns whether there is such a row. Key and value are those of the row of the last move that returned
/// true, and are valid until the next move.
class RowCursor {
 public:
  virtual ~RowCursor() = default;
  /// To the first row whose key is not below `key`.
  [[nodiscard]] virtual Result<bool> seek(std::string_view key) = 0;
  /// To the last row whose key is not above `key`.
  [[nodiscard]] virtual Result<bool> seek_back(std::string_view key) = 0;
  /// To the row after or before this one. The last move must have returned true.
  [[nodiscard]] virtual Result<bool> next() = 0;
  [[nodiscard]] virtual Result<bool> previous() = 0;

  [[nodiscard]] virtual std::string_view key() const = 0;
  [[nodiscard]] virtual std::string_view value() const = 0;
};

/// One view at one instant. One thread; the store must outlive it.
class ViewSnapshot {
 public:
  virtual ~ViewSnapshot() = default;
  [[nodiscard]] virtual const ViewCheckpoint& checkpoint() const = 0;
  [[nodiscard]] virtual Result<std::optional<std::string>> get(std::string_view key) const = 0;
  /// Visits the rows in ascending order, from the first key that is not below `from`.
  [[nodiscard]] virtual Result<void> scan(std::string_view from, const RowVisitor& visit) const = 0;
  /// At no row yet. Never null.
  [[nodiscard]] virtual std::unique_ptr<RowCursor> rows() const = 0;
};

/// The most bytes of the key of a row.
inline constexpr std::size_t kMaxRowKeyBytes = 512;

/// Rows by key. Keys are 1 to kMaxRowKeyBytes bytes, compared byte by byte. Reads: any thread; writes: one
/// thread at a time.
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

  /// Changes rows and checkpoint together. Not yet durable: see flush().
  virtual Result<void> write(const RowChanges& changes, const ViewCheckpoint& checkpoint) = 0;
  /// Removes every row and resets the checkpoint to a default one.
  virtual Result<void> clear() = 0;
};

class ViewStore {
 public:
  virtual ~ViewStore() = default;
  /// The view of that name, which must be one of those that the store was opened with. The store owns it.
  [[nodiscard]] virtual View& view(std::string_view name) = 0;

  /// Makes an empty shadow of the view of that name, to be rebuilt while the view stays in use. An earlier
  /// shadow is removed. Only the caller sees the shadow; the next open removes one that a crash left. The
  /// store owns it until it replaces the view or is dropped. One thread at a time works on the shadow of a
  /// view. Never null.
  virtual Result<View*> make_shadow(std::string_view name) = 0;
  /// Rows and checkpoint of the shadow become those of the view, durably, in one step that a crash leaves
  /// done or undone. Reads go on meanwhile, and snapshots of the view do not change. No thread may write the
  /// view or its shadow. The shadow must exist, and is gone afterwards.
  virtual Result<void> replace_by_shadow(std::string_view name) = 0;
  /// Removes the shadow. Does nothing if there is none.
  virtual Result<void> drop_shadow(std::string_view name) = 0;

  /// Returns when everything that was written to any view or shadow is durable. After a crash each view is
  /// whole at this or a later position.
  virtual Result<void> flush() = 0;
  /// Starts a flush and returns without waiting for it, unless the store is still busy with several earlier
  /// ones.
  virtual Result<void> begin_flush() = 0;
};

}  // namespace stockfold
