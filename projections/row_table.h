// A hash table for the rows that a fold holds: one look-up an event, and no allocation in steady state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace stockfold {

/// Values by key, numbered 0, 1, 2 … in the order in which they were added. Open addressing. One thread.
template <class Key, class Value>
class RowTable {
 public:
  using Number = std::uint32_t;
  struct Entry {
    Key key;
    Value value;
  };

  /// The number of `key`, and whether this call added it (with a default value).
  std::pair<Number, bool> add(const Key& key) {
    if ((entries_.size() + 1) * 2 > slots_.size()) grow();
    const std::size_t hash = std::hash<Key>{}(key);
    const auto tag = static_cast<std::uint32_t>(hash >> 32U);
    for (std::size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      Slot& slot = slots_[at];
      if (slot.number == kNone) {
        slot = {tag, static_cast<Number>(entries_.size())};
        entries_.push_back({key, Value()});
        return {slot.number, true};
      }
      if (slot.tag == tag && entries_[slot.number].key == key) return {slot.number, false};
    }
  }

  /// Valid until the next add().
  [[nodiscard]] Entry& operator[](Number number) { return entries_[number]; }
  [[nodiscard]] std::vector<Entry>& entries() { return entries_; }
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

  void clear() {
    // A table that was large once and is small now must not be wiped as a whole for every few rows.
    const bool shrinks = slots_.size() > kFewest && entries_.size() * 8 < slots_.size();
    slots_.assign(shrinks ? kFewest : slots_.size(), Slot{});
    entries_.clear();
  }

 private:
  static constexpr Number kNone = 0xFFFF'FFFF;
  static constexpr std::size_t kFewest = 256;
  struct Slot {
    std::uint32_t tag = 0;  ///< Bits of the hash; they save most comparisons of keys.
    Number number = kNone;
  };

  void grow() {
    std::vector<Slot> larger(slots_.empty() ? kFewest : slots_.size() * 2);
    for (Number number = 0; number < entries_.size(); ++number) {
      const std::size_t hash = std::hash<Key>{}(entries_[number].key);
      std::size_t at = hash & (larger.size() - 1);
      while (larger[at].number != kNone) at = (at + 1) & (larger.size() - 1);
      larger[at] = {static_cast<std::uint32_t>(hash >> 32U), number};
    }
    slots_ = std::move(larger);
  }

  std::vector<Slot> slots_;  ///< Their number is a power of two; at most half of them are taken.
  std::vector<Entry> entries_;
};

}  // namespace stockfold
