// What the writer decides on: the aggregates that it holds in memory, and on top of them the changes of the
// commit that is being made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "core/aggregates.h"
#include "server/ledger/shelf.h"

namespace stockfold {

/// Orders and products, each with a settled state (all of it in the log) and, once a commit has touched it, a
/// pending one. Whoever decides
///   1. loads every aggregate that is not known() from a view and puts it here by load(), absent ones too,
///   2. decides and evolves: find() and edit() see the changes of this commit so far,
///   3. appends, and then calls merge() if the commit was written or drop() if it was not,
///   4. calls evict() between commits, so that memory stays bounded. Never between 1 and 2: what was loaded
///   might go.
///
/// One thread. Every access is O(1); merge() and drop() take as long as the commit touched aggregates,
/// evict() as long as it takes away.
class WorkingSet final : public Aggregates {
 public:
  WorkingSet() = default;
  /// Makes room for `capacity` aggregates of each kind at once, so that growing never makes a command wait.
  explicit WorkingSet(std::size_t capacity) {
    orders_.reserve(capacity);
    products_.reserve(capacity);
  }

  /// Whether it may be found and edited. An aggregate that is known not to exist is known as well.
  [[nodiscard]] bool known(const OrderId& order) const { return orders_.known(order); }
  [[nodiscard]] bool known(const Sku& sku) const { return products_.known(sku); }

  /// The settled state, which is empty where it is known not to exist; null where it is not known. It is not
  /// used by that: what is only looked at is not kept for it.
  [[nodiscard]] const std::optional<Order>* peek(const OrderId& order) const { return orders_.peek(order); }
  [[nodiscard]] const std::optional<Product>* peek(const Sku& sku) const { return products_.peek(sku); }

  /// Takes in what was loaded; only for what is not known.
  void load(const OrderId& id, std::optional<Order> order) { orders_.load(id, std::move(order)); }
  void load(const Sku& sku, std::optional<Product> product) { products_.load(sku, std::move(product)); }

  /// Only for what is known.
  [[nodiscard]] const Order* find(const OrderId& order) const override { return orders_.find(order); }
  [[nodiscard]] const Product* find(const Sku& sku) const override { return products_.find(sku); }
  std::optional<Order>& edit(const OrderId& order) override { return orders_.edit(order); }
  std::optional<Product>& edit(const Sku& sku) override { return products_.edit(sku); }

  /// A number n such that every order numbered below n exists: where to look for the next id to assign.
  [[nodiscard]] std::uint64_t next_order_number() const { return pending_number_; }
  /// Pending, as an edit is.
  void set_next_order_number(std::uint64_t number) { pending_number_ = number; }

  /// Marks what is pending now. Until unmark(), roll_back() forgets the edits since the mark, as often as it
  /// is called. merge() and drop() remove the mark.
  void mark() {
    orders_.mark();
    products_.mark();
    marked_number_ = pending_number_;
  }
  void roll_back() {
    orders_.roll_back();
    products_.roll_back();
    pending_number_ = marked_number_;
  }
  void unmark() {
    orders_.unmark();
    products_.unmark();
  }

  /// The commit was written: what is pending is settled.
  void merge() {
    orders_.merge();
    products_.merge();
    settled_number_ = pending_number_;
  }

  /// The commit was not written: what is pending is forgotten.
  void drop() {
    orders_.drop();
    products_.drop();
    pending_number_ = settled_number_;
  }

  /// Forgets what was not used for long while there are more than `capacity` of a kind. Only what the views
  /// can answer goes: what has not changed after `applied`, the position that they have reached. It stops at
  /// the first that must stay.
  void evict(GlobalPosition applied, std::size_t capacity) {
    orders_.evict(applied, capacity);
    products_.evict(applied, capacity);
  }

  /// Forgets every aggregate, between commits: the views hold all of each, and what they hold has changed.
  void forget() {
    orders_.clear();
    products_.clear();
  }

  [[nodiscard]] std::size_t orders() const { return orders_.size(); }
  [[nodiscard]] std::size_t products() const { return products_.size(); }

 private:
  Shelf<OrderId, Order> orders_;
  Shelf<Sku, Product> products_;
  std::uint64_t settled_number_ = 1;
  std::uint64_t pending_number_ = 1;
  std::uint64_t marked_number_ = 1;
};

}  // namespace stockfold
