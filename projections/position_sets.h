// The sets of positions that a fold changes, kept in memory from batch to batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/fault.h"
#include "core/numbers.h"
#include "projections/row_table.h"
#include "storage/views/position_block.h"
#include "storage/views/row_changes.h"
#include "storage/views/view_store.h"

namespace stockfold {

/// Sets whose rows are blocks: few sets with many positions. A set is a prefix of keys. One thread; the view
/// must outlive it.
class BlockSets {
 public:
  explicit BlockSets(const View& view) : view_(view) {}

  /// Whether the block of `position` had no position of the set before.
  Result<bool> add(std::string_view set, GlobalPosition position);
  /// The position is in the set.
  Result<void> remove(std::string_view set, GlobalPosition position);
  [[nodiscard]] Result<const PositionBlock*> block_of(std::string_view set, GlobalPosition position);
  /// Puts the blocks that changed in the batch.
  void finish(RowChanges& rows);

 private:
  struct Held {
    PositionBlock block;
    bool is_row = false;   ///< The view has a row of it.
    bool changed = false;  ///< In this batch.
  };
  using Blocks = RowTable<std::string, Held>;

  Result<Blocks::Number> find(std::string_view set, GlobalPosition position);
  void mark(Blocks::Number number);

  const View& view_;
  Blocks blocks_;
  std::vector<Blocks::Number> changed_;
  std::string key_;
  std::string bytes_;
};

/// Sets whose rows are chunks: many sets, most of them with few positions. A chunk that is full is followed
/// by another, and one that is empty is removed: when is a matter of the positions alone, not of batches. One
/// thread; the view must outlive it.
class ChunkSets {
 public:
  explicit ChunkSets(const View& view) : view_(view) {}

  /// Adds a position that is greater than all positions of all sets.
  Result<void> add_latest(const std::string& set, GlobalPosition position);
  /// Adds a position that the set does not hold.
  Result<void> add(const std::string& set, GlobalPosition position);
  /// The position is in the set.
  Result<void> remove(const std::string& set, GlobalPosition position);
  /// Puts the chunks that changed in the batch.
  void finish(RowChanges& rows);

 private:
  /// The latest chunk of a set.
  struct Latest {
    std::string bytes;
    GlobalPosition first;  ///< 0 if it is empty.
    GlobalPosition last;
    std::size_t count = 0;
    bool is_row = false;   ///< The view has a row of it.
    bool changed = false;  ///< In this batch.
  };
  using LatestChunks = RowTable<std::string, Latest>;
  /// Another chunk.
  struct Earlier {
    std::vector<GlobalPosition> positions;
    bool is_row = false;
    bool changed = false;
  };
  using EarlierChunks = std::map<std::string, Earlier, std::less<>>;

  Result<LatestChunks::Number> find(const std::string& set);
  void mark(LatestChunks::Number number);
  Result<void> change_latest(const std::string& set, Latest& latest, GlobalPosition position, bool add);
  void end(const std::string& set, Latest& latest, std::vector<GlobalPosition> positions);
  /// The chunk, not empty, in whose range `position` lies; end() of the chunks if there is none.
  Result<EarlierChunks::iterator> find_earlier(const std::string& set, GlobalPosition position);
  [[nodiscard]] EarlierChunks::iterator held_before(const std::string& set, GlobalPosition position);
  Result<EarlierChunks::iterator> read_before(const std::string& set, GlobalPosition position);
  Result<EarlierChunks::iterator> take_row(const std::string& set, const RowCursor& row);
  void add_to_earlier(const std::string& set, EarlierChunks::iterator chunk, GlobalPosition position);

  const View& view_;
  LatestChunks latest_;
  std::vector<LatestChunks::Number> changed_;
  EarlierChunks earlier_;
  std::unique_ptr<ViewSnapshot> snapshot_;  ///< As the batch before left the view; empty until it is needed.
  std::string key_;
  std::string bytes_;
};

}  // namespace stockfold
