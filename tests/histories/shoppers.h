// What clients ask: few products and orders, all of them hot, so that clients conflict often.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "histories/history.h"
#include "tools/load/random.h"

namespace stockfold {

/// What all shoppers share: independent shelves, each with two products at a time and the orders for them.
/// Any thread.
class Shop {
 public:
  explicit Shop(std::uint32_t shelves) : orders_(shelves) {}

  [[nodiscard]] std::uint32_t shelves() const { return static_cast<std::uint32_t>(orders_.size()); }
  /// How many orders were named so far.
  [[nodiscard]] std::uint64_t orders(std::uint32_t shelf) const { return orders_[shelf].load(); }
  std::uint64_t name_order(std::uint32_t shelf) { return orders_[shelf].fetch_add(1); }

 private:
  std::vector<std::atomic<std::uint64_t>> orders_;
};

/// One client. The same seed and the same answers draw the same operations.
class Shopper {
 public:
  /// The number is part of its command ids and of its name as an actor.
  Shopper(Shop& shop, std::uint32_t number, std::uint64_t seed);

  /// The next request: every command of the domain, some with an expected version, some sent before, some
  /// under an id that was used for something else.
  [[nodiscard]] Asked next();
  /// Learns versions, for later expected versions.
  void learn(const Told& told);
  /// True once in `many` calls.
  [[nodiscard]] bool once_in(std::uint32_t many) { return random_.below(many) == 0; }

 private:
  [[nodiscard]] CommandBody draw_body(std::uint32_t drawn);
  [[nodiscard]] Sku any_product();
  [[nodiscard]] OrderId any_order();
  [[nodiscard]] OrderId new_order();
  [[nodiscard]] Lines any_lines();
  [[nodiscard]] ExpectedVersion expect(const CommandBody& body);
  [[nodiscard]] CommandId new_id();

  Shop& shop_;
  std::uint32_t number_;
  Random random_;
  std::uint32_t shelf_ = 0;
  std::uint64_t commands_ = 0;
  std::map<StreamId, std::uint64_t> versions_;
  std::vector<std::optional<Command>> latest_;  ///< By shelf.
};

}  // namespace stockfold
