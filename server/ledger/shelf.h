// Aggregates of one kind in memory, each with a settled and a pending state, bounded by the clock algorithm.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

#include "core/numbers.h"

namespace stockfold {

/// See WorkingSet. Slots stay where they are until they are evicted. An open hash table names them, so a
/// look-up touches one line of it and the slot. What is used is only marked; a hand that goes round the slots
/// takes away what was not used since it last came by (Corbato, "A paging experiment with the Multics
/// system", 1968). One thread.
template <class Key, class State>
class Shelf {
 public:
  Shelf() = default;
  Shelf(const Shelf&) = delete;
  Shelf& operator=(const Shelf&) = delete;

  void reserve(std::size_t slots) {
    while (table_.size() < 2 * slots) grow();
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool known(const Key& key) const { return look_up(key) != nullptr; }

  [[nodiscard]] const std::optional<State>* peek(const Key& key) const {
    const Slot* slot = look_up(key);
    return slot == nullptr ? nullptr : &slot->settled;
  }

  void load(const Key& key, std::optional<State> state) {
    assert(!known(key) && "what is known is newer than what a view has");
    if (2 * (size_ + 1) > table_.size()) grow();
    const std::uint32_t number = free_slot();
    Slot& slot = slot_at(number);
    slot.key = key;
    slot.settled = std::move(state);
    slot.hash = hash_of(key);
    slot.state = Use::fresh;
    slot.loaded_in = commit_;
    enter(slot.hash, number);
    ++size_;
  }

  [[nodiscard]] const State* find(const Key& key) const {
    const Slot& slot = use(key);
    const std::optional<State>& state = slot.pending != nullptr ? *slot.pending : slot.settled;
    return state ? &*state : nullptr;
  }

  std::optional<State>& edit(const Key& key) {
    Slot& slot = use(key);
    if (slot.pending != nullptr) {
      if (marked_) before_edits_.emplace_back(&slot, *slot.pending);
      return *slot.pending;
    }
    if (touched_.size() == pending_.size()) pending_.emplace_back();
    slot.pending = &pending_[touched_.size()];
    touched_.push_back(&slot);
    return *slot.pending = slot.settled;
  }

  void mark() {
    marked_ = touched_.size();
    before_edits_.clear();
  }

  void roll_back() {
    for (const auto& [slot, state] : before_edits_ | std::views::reverse) *slot->pending = state;
    before_edits_.clear();
    for (; touched_.size() > *marked_; touched_.pop_back()) {
      Slot* slot = touched_.back();
      slot->pending->reset();
      slot->pending = nullptr;
    }
  }

  void unmark() {
    marked_.reset();
    before_edits_.clear();
  }

  void merge() {
    for (Slot* slot : touched_) slot->settled = std::move(*slot->pending);
    drop();
  }

  void drop() {
    for (Slot* slot : touched_) {
      slot->pending->reset();
      slot->pending = nullptr;
    }
    touched_.clear();
    unmark();
    ++commit_;
    if (pending_.size() > kKeptPending) pending_.resize(kKeptPending);
  }

  /// Nothing may be pending.
  void clear() {
    assert(touched_.empty());
    for (Entry& entry : table_) entry = {};
    chunks_.clear();
    free_.clear();
    made_ = size_ = hand_ = 0;
  }

  void evict(GlobalPosition applied, std::size_t capacity) {
    // What the views do not hold yet lies together, where the latest came in: the hand gets past it in a few
    // calls, faster than it grows. Where the views are far behind, nearly all must stay, and it must not look
    // at all of them each time.
    std::size_t patience = 1'024;
    while (size_ > capacity && patience > 0) {
      if (hand_ == made_) hand_ = 0;
      Slot& slot = slot_at(hand_++);
      if (slot.state == Use::free) continue;
      if (slot.pending != nullptr || (slot.settled && slot.settled->changed_at > applied)) {
        --patience;
      } else if (slot.state == Use::used) {
        slot.state = Use::fresh;
      } else {
        take_away(hand_ - 1);
      }
    }
  }

 private:
  enum class Use : std::uint8_t { free, fresh, used };
  struct Slot {
    Key key;
    Use state = Use::free;  ///< `used` by a later commit, since the hand last came by.
    std::uint32_t hash = 0;
    std::uint32_t loaded_in = 0;  ///< The commit it came in with.
    std::optional<State> settled;
    std::optional<State>* pending = nullptr;  ///< In pending_, once the commit has touched it.
  };
  /// Of the hash table. Two of the hash's bits would do; all of them save most comparisons of keys.
  struct Entry {
    std::uint32_t hash = 0;
    std::uint32_t slot = kNone;
  };
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  static constexpr std::size_t kChunk = 1'024;
  using Chunk = std::array<Slot, kChunk>;
  static constexpr std::size_t kKeptPending = 16'384;

  static std::uint32_t hash_of(const Key& key) {
    const std::uint64_t hash = std::hash<Key>()(key);
    return static_cast<std::uint32_t>(hash ^ hash >> 32);
  }

  [[nodiscard]] Slot& slot_at(std::size_t number) const {
    return (*chunks_[number / kChunk])[number % kChunk];
  }
  [[nodiscard]] std::size_t home_of(std::uint32_t hash) const { return hash & (table_.size() - 1); }
  [[nodiscard]] std::size_t after(std::size_t place) const { return (place + 1) & (table_.size() - 1); }

  [[nodiscard]] Slot* look_up(const Key& key) const {
    if (table_.empty()) return nullptr;
    const std::uint32_t hash = hash_of(key);
    for (std::size_t place = home_of(hash);; place = after(place)) {
      const Entry& entry = table_[place];
      if (entry.slot == kNone) return nullptr;
      if (entry.hash != hash) continue;
      Slot& slot = slot_at(entry.slot);
      if (slot.key == key) return &slot;
    }
  }

  // To use an aggregate changes how long it stays, not the aggregate; so find() is const.
  Slot& use(const Key& key) const {
    Slot* const slot = look_up(key);
    assert(slot != nullptr && "an aggregate is loaded before it is used");
    if (slot->loaded_in != commit_) slot->state = Use::used;  // most are used by one commit and never again
    return *slot;
  }

  std::uint32_t free_slot() {
    if (!free_.empty()) {
      const std::uint32_t number = free_.back();
      free_.pop_back();
      return number;
    }
    if (made_ % kChunk == 0) chunks_.push_back(std::make_unique<Chunk>());
    return static_cast<std::uint32_t>(made_++);
  }

  void enter(std::uint32_t hash, std::uint32_t slot) {
    std::size_t place = home_of(hash);
    while (table_[place].slot != kNone) place = after(place);
    table_[place] = {hash, slot};
  }

  void grow() {
    std::vector<Entry> entries(table_.empty() ? 2 * kChunk : 2 * table_.size());
    std::swap(entries, table_);
    for (const Entry& entry : entries) {
      if (entry.slot != kNone) enter(entry.hash, entry.slot);
    }
  }

  void take_away(std::size_t number) {
    Slot& slot = slot_at(number);
    std::size_t gap = home_of(slot.hash);
    while (table_[gap].slot != number) gap = after(gap);
    // Who stands behind the gap moves up into it, unless that lies before its home.
    for (std::size_t place = after(gap); table_[place].slot != kNone; place = after(place)) {
      const std::size_t from_home = (place - home_of(table_[place].hash)) & (table_.size() - 1);
      const std::size_t from_gap = (place - gap) & (table_.size() - 1);
      if (from_home < from_gap) continue;
      table_[gap] = table_[place];
      gap = place;
    }
    table_[gap] = {};
    slot.settled.reset();
    slot.state = Use::free;
    free_.push_back(static_cast<std::uint32_t>(number));
    --size_;
  }

  std::vector<Entry> table_;  ///< Its size is a power of two, and at most half of it is taken.
  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::size_t made_ = 0;  ///< Slots in the chunks that were ever used.
  std::vector<std::uint32_t> free_;
  std::size_t size_ = 0;
  std::size_t hand_ = 0;
  std::uint32_t commit_ = 0;  ///< Counts them, round and round.
  std::vector<Slot*> touched_;
  std::optional<std::size_t> marked_;  ///< How many slots were touched then; empty: no mark is set.
  std::vector<std::pair<Slot*, std::optional<State>>> before_edits_;  ///< Since the mark, in their order.
  std::deque<std::optional<State>> pending_;  ///< Of the touched slots, in their order; the others are empty.
};

}  // namespace stockfold
