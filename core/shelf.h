// Aggregates of one kind in memory, each with a settled and a pending state, the least recently used at one
// end.
#pragma once

#include <cassert>
#include <cstddef>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/numbers.h"

namespace stockfold {

/// See WorkingSet. Every access is one look-up; slots stay where they are until they are evicted. One thread.
template <class Key, class State>
class Shelf {
 public:
  Shelf() = default;
  Shelf(const Shelf&) = delete;
  Shelf& operator=(const Shelf&) = delete;

  void reserve(std::size_t slots) { slots_.reserve(slots); }
  [[nodiscard]] std::size_t size() const { return slots_.size(); }
  [[nodiscard]] bool known(const Key& key) const { return slots_.contains(key); }

  void settle(const Key& key, std::optional<State> state) {
    const auto [node, fresh] = slots_.try_emplace(key);
    assert(fresh && "what is known is newer than what a view has");
    node->second.settled = std::move(state);
    link_newest(*node);
  }

  [[nodiscard]] const State* find(const Key& key) const {
    const Slot& slot = use(key).second;
    const std::optional<State>& state = slot.touched ? slot.pending : slot.settled;
    return state ? &*state : nullptr;
  }

  std::optional<State>& edit(const Key& key) {
    Slot& slot = use(key).second;
    if (slot.touched) return slot.pending;
    touched_.push_back(&slot);
    slot.touched = true;
    return slot.pending = slot.settled;
  }

  void merge() {
    for (Slot* slot : touched_) slot->settled = std::move(slot->pending);
    drop();
  }

  void drop() {
    for (Slot* slot : touched_) {
      slot->pending.reset();
      slot->touched = false;
    }
    touched_.clear();
  }

  void evict(GlobalPosition applied, std::size_t capacity) {
    while (slots_.size() > capacity && may_go(oldest_->second, applied)) {
      Node& node = *oldest_;
      unlink(node);
      slots_.erase(node.first);
    }
  }

 private:
  struct Slot;
  using Node = std::pair<const Key, Slot>;
  struct Slot {
    std::optional<State> settled;
    std::optional<State> pending;
    bool touched = false;
    Node* newer = nullptr;
    Node* older = nullptr;
  };

  static bool may_go(const Slot& slot, GlobalPosition applied) {
    return !slot.touched && (!slot.settled || slot.settled->changed_at <= applied);
  }

  // To use an aggregate changes its place in the order of use, not the aggregate; so find() stays const.
  Node& use(const Key& key) const {
    const auto found = slots_.find(key);
    assert(found != slots_.end() && "an aggregate is loaded before it is used");
    if (&*found != newest_) {
      unlink(*found);
      link_newest(*found);
    }
    return *found;
  }

  void link_newest(Node& node) const {
    node.second.newer = nullptr;
    node.second.older = newest_;
    (newest_ != nullptr ? newest_->second.newer : oldest_) = &node;
    newest_ = &node;
  }

  void unlink(Node& node) const {
    const Slot& slot = node.second;
    (slot.newer != nullptr ? slot.newer->second.older : newest_) = slot.older;
    (slot.older != nullptr ? slot.older->second.newer : oldest_) = slot.newer;
  }

  mutable std::unordered_map<Key, Slot> slots_;
  mutable Node* newest_ = nullptr;
  mutable Node* oldest_ = nullptr;
  std::vector<Slot*> touched_;
};

}  // namespace stockfold
