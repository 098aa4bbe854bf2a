#include "projections/position_sets.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

#include "projections/order_index_keys.h"
#include "projections/projection.h"
#include "storage/views/position_chunk.h"

namespace stockfold {
namespace {

/// Some 3 MB.
constexpr std::size_t kHeldBlocks = 4'096;
constexpr std::size_t kHeldEarlierChunks = 512;

std::unexpected<Fault> damaged_row(GlobalPosition position, const std::string& why) {
  return std::unexpected(corruption(position, "a row of view order_index: " + why));
}

std::unexpected<Fault> not_in_set(GlobalPosition position) {
  return damaged_row(position, "the order is not in a set that it is to leave");
}

}  // namespace

// ---- blocks -----------------------------------------------------------------------------------------------

Result<BlockSets::Blocks::Number> BlockSets::find(std::string_view set, GlobalPosition position) {
  numbered_key(set, PositionBlock::number_of(position), key_);
  const auto [number, added] = blocks_.add(key_);
  if (!added) return number;
  auto row = view_.get(key_);
  if (!row) return std::unexpected(std::move(row.error()));
  if (!*row) return number;
  auto block = decode_position_block(**row);
  if (!block) return damaged_row(position, block.error());
  blocks_[number].value.block = *block;
  blocks_[number].value.is_row = true;
  return number;
}

void BlockSets::mark(Blocks::Number number) {
  if (!std::exchange(blocks_[number].value.changed, true)) changed_.push_back(number);
}

Result<bool> BlockSets::add(std::string_view set, GlobalPosition position) {
  const auto number = find(set, position);
  if (!number) return std::unexpected(number.error());
  PositionBlock& block = blocks_[*number].value.block;
  const bool was_empty = block.empty();
  block.add(PositionBlock::place_of(position));
  mark(*number);
  return was_empty;
}

Result<void> BlockSets::remove(std::string_view set, GlobalPosition position) {
  const auto number = find(set, position);
  if (!number) return std::unexpected(number.error());
  PositionBlock& block = blocks_[*number].value.block;
  const std::size_t place = PositionBlock::place_of(position);
  if (!block.has(place)) return not_in_set(position);
  block.remove(place);
  mark(*number);
  return {};
}

Result<const PositionBlock*> BlockSets::block_of(std::string_view set, GlobalPosition position) {
  const auto number = find(set, position);
  if (!number) return std::unexpected(number.error());
  return &blocks_[*number].value.block;
}

void BlockSets::finish(RowChanges& rows) {
  for (const auto number : changed_) {
    auto& [key, held] = blocks_[number];
    held.changed = false;
    if (held.block.empty()) {
      if (std::exchange(held.is_row, false)) rows.erase(key);
      continue;
    }
    encode(held.block, bytes_);
    rows.put(key, bytes_);
    held.is_row = true;
  }
  changed_.clear();
  if (blocks_.size() > kHeldBlocks) blocks_.clear();
}

// ---- chunks -----------------------------------------------------------------------------------------------

Result<ChunkSets::LatestChunks::Number> ChunkSets::find(const std::string& set) {
  const auto [number, added] = latest_.add(set);
  if (!added) return number;
  numbered_key(set, kLatestChunk, key_);
  auto row = view_.get(key_);
  if (!row) return std::unexpected(std::move(row.error()));
  if (!*row) return number;
  const auto positions = decode_chunk(**row, GlobalPosition(0));
  if (!positions) return damaged_row({}, positions.error());
  Latest& latest = latest_[number].value;
  latest.bytes = std::move(**row);
  latest.first = positions->front();
  latest.last = positions->back();
  latest.count = positions->size();
  latest.is_row = true;
  return number;
}

void ChunkSets::mark(LatestChunks::Number number) {
  if (!std::exchange(latest_[number].value.changed, true)) changed_.push_back(number);
}

Result<void> ChunkSets::add_latest(const std::string& set, GlobalPosition position) {
  const auto number = find(set);
  if (!number) return std::unexpected(number.error());
  Latest& latest = latest_[*number].value;
  assert(latest.last < position);
  mark(*number);
  append_to_chunk(latest.bytes, latest.last, position);
  if (latest.count == 0) latest.first = position;
  latest.last = position;
  if (++latest.count < kChunkPositions) return {};
  auto positions = decode_chunk(latest.bytes, GlobalPosition(0));
  if (!positions) return damaged_row(position, positions.error());
  end(set, latest, std::move(*positions));
  return {};
}

/// The latest chunk is full: its positions become a chunk of their own.
void ChunkSets::end(const std::string& set, Latest& latest, std::vector<GlobalPosition> positions) {
  const std::string key = numbered_key(set, positions.front().value());
  Earlier& chunk = earlier_[key];
  chunk.positions = std::move(positions);
  chunk.changed = true;
  latest.bytes.clear();
  latest.first = latest.last = GlobalPosition(0);
  latest.count = 0;
}

Result<void> ChunkSets::change_latest(const std::string& set, Latest& latest, GlobalPosition position,
                                      bool add) {
  auto positions = decode_chunk(latest.bytes, GlobalPosition(0));
  if (!positions) return damaged_row(position, positions.error());
  const auto at = std::ranges::lower_bound(*positions, position);
  if (add) {
    positions->insert(at, position);
  } else {
    if (at == positions->end() || *at != position) return not_in_set(position);
    positions->erase(at);
  }
  latest.count = positions->size();
  if (latest.count == kChunkPositions) {
    end(set, latest, std::move(*positions));
    return {};
  }
  latest.bytes.clear();
  latest.first = positions->empty() ? GlobalPosition(0) : positions->front();
  latest.last = positions->empty() ? GlobalPosition(0) : positions->back();
  if (!positions->empty()) encode(*positions, GlobalPosition(0), latest.bytes);
  return {};
}

Result<void> ChunkSets::add(const std::string& set, GlobalPosition position) {
  const auto number = find(set);
  if (!number) return std::unexpected(number.error());
  Latest& latest = latest_[*number].value;
  if (latest.count > 0 && position > latest.first) {
    mark(*number);
    return change_latest(set, latest, position, /*add=*/true);
  }
  auto chunk = find_earlier(set, position);
  if (!chunk) return std::unexpected(std::move(chunk.error()));
  add_to_earlier(set, *chunk, position);
  return {};
}

void ChunkSets::add_to_earlier(const std::string& set, EarlierChunks::iterator chunk,
                               GlobalPosition position) {
  if (chunk == earlier_.end()) {
    Earlier& first = earlier_[numbered_key(set, position.value())];
    first.positions.push_back(position);
    first.changed = true;
    return;
  }
  std::vector<GlobalPosition>& positions = chunk->second.positions;
  positions.insert(std::ranges::lower_bound(positions, position), position);
  chunk->second.changed = true;
  if (positions.size() <= kChunkPositions) return;
  const auto middle = positions.begin() + static_cast<std::ptrdiff_t>(positions.size() / 2);
  Earlier& second = earlier_[numbered_key(set, middle->value())];
  second.positions.assign(middle, positions.end());
  second.changed = true;
  positions.erase(middle, positions.end());
}

Result<void> ChunkSets::remove(const std::string& set, GlobalPosition position) {
  const auto number = find(set);
  if (!number) return std::unexpected(number.error());
  Latest& latest = latest_[*number].value;
  if (latest.count > 0 && position >= latest.first) {
    mark(*number);
    return change_latest(set, latest, position, /*add=*/false);
  }
  auto chunk = find_earlier(set, position);
  if (!chunk) return std::unexpected(std::move(chunk.error()));
  if (*chunk == earlier_.end()) return not_in_set(position);
  std::vector<GlobalPosition>& positions = (*chunk)->second.positions;
  const auto at = std::ranges::lower_bound(positions, position);
  if (at == positions.end() || *at != position) return not_in_set(position);
  positions.erase(at);
  (*chunk)->second.changed = true;
  return {};
}

/// A chunk that is empty now may still be a row of the view; it is passed over in both.
Result<ChunkSets::EarlierChunks::iterator> ChunkSets::find_earlier(const std::string& set,
                                                                   GlobalPosition position) {
  const auto held = held_before(set, position);
  // No chunk begins between two positions of one chunk.
  if (held != earlier_.end() && std::ranges::binary_search(held->second.positions, position)) return held;
  auto read = read_before(set, position);
  if (!read) return read;
  if (*read == earlier_.end()) return held;
  return held == earlier_.end() || held->first < (*read)->first ? *read : held;
}

ChunkSets::EarlierChunks::iterator ChunkSets::held_before(const std::string& set, GlobalPosition position) {
  numbered_key(set, position.value(), key_);
  for (auto chunk = earlier_.upper_bound(key_); chunk != earlier_.begin();) {
    --chunk;
    if (!number_in_key(chunk->first, set)) break;
    if (!chunk->second.positions.empty()) return chunk;
  }
  return earlier_.end();
}

/// The last row at or before `position` that is not held, taken into memory; end() if there is none.
Result<ChunkSets::EarlierChunks::iterator> ChunkSets::read_before(const std::string& set,
                                                                  GlobalPosition position) {
  if (!snapshot_) snapshot_ = view_.snapshot();
  const auto rows = snapshot_->rows();
  numbered_key(set, position.value(), key_);
  auto is_row = rows->seek_back(key_);
  while (is_row && *is_row && number_in_key(rows->key(), set)) {
    if (!earlier_.contains(rows->key())) return take_row(set, *rows);
    is_row = rows->previous();
  }
  if (!is_row) return std::unexpected(std::move(is_row.error()));
  return earlier_.end();
}

Result<ChunkSets::EarlierChunks::iterator> ChunkSets::take_row(const std::string& set, const RowCursor& row) {
  auto positions = decode_chunk(row.value(), GlobalPosition(*number_in_key(row.key(), set)));
  if (!positions) return damaged_row({}, positions.error());
  return earlier_.emplace(row.key(), Earlier{std::move(*positions), /*is_row=*/true, /*changed=*/false})
      .first;
}

void ChunkSets::finish(RowChanges& rows) {
  snapshot_.reset();
  for (const auto number : changed_) {
    auto& [set, latest] = latest_[number];
    latest.changed = false;
    numbered_key(set, kLatestChunk, key_);
    if (latest.count > 0) {
      rows.put(key_, latest.bytes);
      latest.is_row = true;
    } else if (std::exchange(latest.is_row, false)) {
      rows.erase(key_);
    }
  }
  changed_.clear();
  if (latest_.size() > kHeldRows) latest_.clear();
  for (auto chunk = earlier_.begin(); chunk != earlier_.end();) {
    auto& [key, held] = *chunk;
    if (held.positions.empty()) {
      if (held.is_row) rows.erase(key);
      chunk = earlier_.erase(chunk);
      continue;
    }
    if (std::exchange(held.changed, false)) {
      const std::string_view low = std::string_view(key).substr(key.size() - sizeof(std::uint64_t));
      encode(held.positions, GlobalPosition(*number_in_key(low, "")), bytes_);
      rows.put(key, bytes_);
      held.is_row = true;
    }
    ++chunk;
  }
  if (earlier_.size() > kHeldEarlierChunks) earlier_.clear();
}

}  // namespace stockfold
