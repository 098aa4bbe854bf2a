#include "projections/position_cursors.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "projections/order_index_keys.h"
#include "projections/row_keys.h"
#include "storage/views/position_block.h"
#include "storage/views/position_chunk.h"
#include "storage/views/posting_block.h"

namespace stockfold {
namespace {

using Found = Result<std::optional<GlobalPosition>>;

std::unexpected<Fault> damaged_set(std::string_view set, std::string_view why) {
  return std::unexpected(corruption({}, "the rows of set " + std::string(set) + ": " + std::string(why)));
}

/// The first of ascending positions at or after `from`, in an order.
std::optional<GlobalPosition> first_in(const std::vector<GlobalPosition>& positions, GlobalPosition from,
                                       PositionOrder order) {
  if (order == PositionOrder::oldest_first) {
    const auto found = std::ranges::lower_bound(positions, from);
    return found == positions.end() ? std::nullopt : std::optional(*found);
  }
  const auto beyond = std::ranges::upper_bound(positions, from);
  return beyond == positions.begin() ? std::nullopt : std::optional(*std::prev(beyond));
}

// ---- blocks -----------------------------------------------------------------------------------------------

class BlockCursor final : public PositionCursor {
 public:
  BlockCursor(const ViewSnapshot& index, std::string_view set, PositionOrder order)
      : rows_(index.rows()), set_(set), newest_first_(order == PositionOrder::newest_first) {}

  Found seek(GlobalPosition from) override {
    const std::uint64_t number = PositionBlock::number_of(from);
    if (!number_ || is_before(*number_, number)) {
      auto row = to(number);
      if (!row) return std::unexpected(std::move(row.error()));
      if (!*row) return std::nullopt;
    }
    if (const auto place = first_place(from)) return PositionBlock::position_of(*number_, *place);
    auto row = onward();
    if (!row) return std::unexpected(std::move(row.error()));
    if (!*row) return std::nullopt;
    return PositionBlock::position_of(*number_, *first_place(from));
  }

 private:
  /// Whether block `a` comes before block `b`.
  [[nodiscard]] bool is_before(std::uint64_t a, std::uint64_t b) const {
    return newest_first_ ? a > b : a < b;
  }

  [[nodiscard]] std::optional<std::size_t> first_place(GlobalPosition from) const {
    const bool whole = *number_ != PositionBlock::number_of(from);
    if (newest_first_) {
      return block_.last_to(whole ? PositionBlock::kPlaces - 1 : PositionBlock::place_of(from));
    }
    return block_.first_from(whole ? 0 : PositionBlock::place_of(from));
  }

  Result<bool> to(std::uint64_t number) {
    const std::string key = numbered_key(set_, number);
    return take(newest_first_ ? rows_->seek_back(key) : rows_->seek(key));
  }
  Result<bool> onward() { return take(newest_first_ ? rows_->previous() : rows_->next()); }

  Result<bool> take(Result<bool> moved) {
    if (!moved || !*moved) return moved;
    const auto number = number_in_key(rows_->key(), set_);
    if (!number) return false;
    auto block = decode_position_block(rows_->value());
    if (!block) return damaged_set(set_, block.error());
    number_ = number;
    block_ = *block;
    return true;
  }

  const std::unique_ptr<RowCursor> rows_;
  const std::string set_;
  const bool newest_first_;
  std::optional<std::uint64_t> number_;  ///< Of `block_`.
  PositionBlock block_;
};

// ---- chunks -----------------------------------------------------------------------------------------------

class ChunkCursor final : public PositionCursor {
 public:
  ChunkCursor(const ViewSnapshot& index, std::string_view set, PositionOrder order)
      : rows_(index.rows()), set_(set), order_(order) {}

  Found seek(GlobalPosition from) override {
    // A chunk that held a position for an earlier `from` has no other chunk's positions among its own.
    if (const auto found = first_in(positions_, from, order_)) return found;
    auto row = order_ == PositionOrder::newest_first ? to_newest(from) : to_oldest(from);
    while (row && *row) {
      if (const auto found = first_in(positions_, from, order_)) return found;
      row = order_ == PositionOrder::newest_first ? take(rows_->previous()) : take(rows_->next());
    }
    if (!row) return std::unexpected(std::move(row.error()));
    return std::nullopt;
  }

 private:
  Result<bool> to_newest(GlobalPosition from) {
    if (!std::exchange(is_begun_, true)) {
      auto row = take(rows_->seek_back(numbered_key(set_, kLatestChunk)));
      if (!row || !*row) return row;
      if (first_in(positions_, from, order_)) return true;
    }
    return take(rows_->seek_back(numbered_key(set_, from.value())));
  }

  Result<bool> to_oldest(GlobalPosition from) {
    const std::string key = numbered_key(set_, from.value());
    auto row = take(rows_->seek_back(key));
    if (!row || *row) return row;
    return take(rows_->seek(key));
  }

  Result<bool> take(Result<bool> moved) {
    if (!moved || !*moved) return moved;
    const auto lowest = number_in_key(rows_->key(), set_);
    if (!lowest) return false;
    auto positions = decode_chunk(rows_->value(), GlobalPosition(*lowest == kLatestChunk ? 0 : *lowest));
    if (!positions) return damaged_set(set_, positions.error());
    positions_ = std::move(*positions);
    return true;
  }

  const std::unique_ptr<RowCursor> rows_;
  const std::string set_;
  const PositionOrder order_;
  bool is_begun_ = false;
  std::vector<GlobalPosition> positions_;
};

// ---- streams ----------------------------------------------------------------------------------------------

/// Positions ascend with the numbers of blocks. The neighboring block is tried first, then the blocks beyond
/// it are searched by halves.
class StreamCursor final : public PositionCursor {
 public:
  StreamCursor(const ViewSnapshot& streams, std::string_view sku, PositionOrder order)
      : streams_(streams), sku_(sku), order_(order) {}

  Found seek(GlobalPosition from) override {
    if (auto begun = begin(); !begun) return std::unexpected(std::move(begun.error()));
    if (count_ == 0) return std::nullopt;
    if (order_ == PositionOrder::newest_first) return seek_newest(from);
    return seek_oldest(from);
  }

 private:
  Result<void> begin() {
    if (std::exchange(is_begun_, true)) return {};
    const auto rows = streams_.rows();
    auto is_row = rows->seek_back(key_of(kNoBlock));
    if (!is_row) return std::unexpected(std::move(is_row.error()));
    const std::string prefix = key_of(0).substr(0, sku_.size() + 1);
    const auto last = *is_row ? number_in_key(rows->key(), prefix) : std::nullopt;
    if (!last) return {};
    count_ = *last + 1;
    return load(order_ == PositionOrder::newest_first ? *last : 0);
  }

  Found seek_newest(GlobalPosition from) {
    if (positions_.front() > from && number_ > 0) {
      if (auto loaded = load(number_ - 1); !loaded) return std::unexpected(std::move(loaded.error()));
    }
    if (positions_.front() > from && number_ > 0) {
      if (auto loaded = load_last_before(0, number_, from); !loaded) {
        return std::unexpected(std::move(loaded.error()));
      }
    }
    return first_in(positions_, from, order_);
  }

  Found seek_oldest(GlobalPosition from) {
    if (positions_.back() < from && number_ + 1 < count_) {
      if (auto loaded = load(number_ + 1); !loaded) return std::unexpected(std::move(loaded.error()));
    }
    if (positions_.back() < from && number_ + 1 < count_) {
      if (auto loaded = load_last_before(number_, count_, from); !loaded) {
        return std::unexpected(std::move(loaded.error()));
      }
    }
    if (positions_.back() < from && number_ + 1 < count_) {
      if (auto loaded = load(number_ + 1); !loaded) return std::unexpected(std::move(loaded.error()));
    }
    return first_in(positions_, from, order_);
  }

  /// Loads the last of the blocks from `first` to before `end` that begins at or before `from`, or `first`.
  Result<void> load_last_before(std::uint64_t first, std::uint64_t end, GlobalPosition from) {
    while (end - first > 1) {
      const std::uint64_t middle = first + (end - first) / 2;
      if (auto loaded = load(middle); !loaded) return loaded;
      (positions_.front() <= from ? first : end) = middle;
    }
    return number_ == first ? Result<void>() : load(first);
  }

  Result<void> load(std::uint64_t number) {
    auto row = streams_.get(key_of(number));
    if (!row) return std::unexpected(std::move(row.error()));
    auto positions = decode_positions(*row ? **row : std::string());
    if (!positions) {
      return damaged_set(sku_, "block " + std::to_string(number) + " is missing or damaged");
    }
    number_ = number;
    positions_ = std::move(*positions);
    return {};
  }

  [[nodiscard]] std::string key_of(std::uint64_t block) const {
    std::string key;
    posting_key(sku_, block, key);
    return key;
  }

  static constexpr std::uint64_t kNoBlock = 0xFFFF'FFFF'FFFF'FFFF;

  const ViewSnapshot& streams_;
  const std::string sku_;
  const PositionOrder order_;
  bool is_begun_ = false;
  std::uint64_t count_ = 0;  ///< How many blocks there are.
  std::uint64_t number_ = 0;
  std::vector<GlobalPosition> positions_;  ///< Of block `number_`; not empty.
};

// ---- several sets -----------------------------------------------------------------------------------------

class Union final : public PositionCursor {
 public:
  Union(PositionCursors sets, PositionOrder order) : newest_first_(order == PositionOrder::newest_first) {
    for (auto& set : sets) members_.push_back({std::move(set), {}, false});
  }

  Found seek(GlobalPosition from) override {
    std::optional<GlobalPosition> first;
    for (Member& member : members_) {
      if (auto moved = move(member, from); !moved) return std::unexpected(std::move(moved.error()));
      if (member.at && (!first || is_before(*member.at, *first))) first = member.at;
    }
    return first;
  }

 private:
  struct Member {
    std::unique_ptr<PositionCursor> set;
    std::optional<GlobalPosition> at;
    bool is_begun = false;
  };

  [[nodiscard]] bool is_before(GlobalPosition a, GlobalPosition b) const {
    return newest_first_ ? a > b : a < b;
  }

  Result<void> move(Member& member, GlobalPosition from) const {
    const bool was_begun = std::exchange(member.is_begun, true);
    if (was_begun && (!member.at || !is_before(*member.at, from))) return {};
    auto found = member.set->seek(from);
    if (!found) return std::unexpected(std::move(found.error()));
    member.at = *found;
    return {};
  }

  std::vector<Member> members_;
  const bool newest_first_;
};

class Intersection final : public PositionCursor {
 public:
  explicit Intersection(PositionCursors sets) : sets_(std::move(sets)) {}

  Found seek(GlobalPosition from) override {
    std::size_t agreed = 0;  // how many sets in a row hold `from`
    for (std::size_t i = 0; agreed < sets_.size(); i = (i + 1) % sets_.size()) {
      auto found = sets_[i]->seek(from);
      if (!found || !*found) return found;
      agreed = **found == from ? agreed + 1 : 1;
      from = **found;
    }
    return from;
  }

 private:
  PositionCursors sets_;
};

}  // namespace

std::unique_ptr<PositionCursor> block_cursor(const ViewSnapshot& index, std::string_view set,
                                             PositionOrder order) {
  return std::make_unique<BlockCursor>(index, set, order);
}

std::unique_ptr<PositionCursor> chunk_cursor(const ViewSnapshot& index, std::string_view set,
                                             PositionOrder order) {
  return std::make_unique<ChunkCursor>(index, set, order);
}

std::unique_ptr<PositionCursor> stream_cursor(const ViewSnapshot& streams, std::string_view sku,
                                              PositionOrder order) {
  return std::make_unique<StreamCursor>(streams, sku, order);
}

std::unique_ptr<PositionCursor> union_of(PositionCursors sets, PositionOrder order) {
  return std::make_unique<Union>(std::move(sets), order);
}

std::unique_ptr<PositionCursor> intersection_of(PositionCursors sets) {
  assert(!sets.empty());
  return std::make_unique<Intersection>(std::move(sets));
}

}  // namespace stockfold
