// What a ledger must hold if its answers to a load were right.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/numbers.h"
#include "core/state.h"
#include "tools/load/mix.h"

namespace stockfold {

/// An order in progress. Its lines are drawn again from `draw` whenever they are needed.
struct OpenOrder {
  std::uint64_t number = 0;
  std::uint64_t draw = 0;
};

/// The units of one product.
struct ProductCount {
  std::uint64_t received = 0;
  std::int64_t in_progress = 0;
  std::int64_t fulfilled = 0;
  friend bool operator==(const ProductCount&, const ProductCount&) = default;
};

struct SampledOrder {
  std::uint64_t number = 0;
  OrderStatus status = OrderStatus::in_progress;
};

/// The products in an order: one for each line, all different. One number determines all of them.
class LineDraw {
 public:
  /// `lines.most` is at most `products`.
  LineDraw(LineRange lines, std::uint32_t products) : lines_(lines), products_(products) {}

  /// Valid until the next call.
  std::span<const std::uint32_t> of(std::uint64_t draw);

 private:
  LineRange lines_;
  std::uint32_t products_;
  std::vector<std::uint32_t> drawn_;
};

class Book {
 public:
  Book(LineRange lines, std::uint32_t products) : draw_(lines, products), products_(products) {}

  std::span<const std::uint32_t> lines_of(std::uint64_t draw) { return draw_.of(draw); }

  /// Each returns the number of lines that moved.
  std::size_t place(const OpenOrder& order);
  std::size_t abort(const OpenOrder& order);
  std::size_t fulfil(const OpenOrder& order);
  void receive(std::uint32_t product) { ++products_[product].received; }

  /// The units of every product, beyond its initial stock.
  [[nodiscard]] const std::vector<ProductCount>& products() const { return products_; }
  /// Orders drawn evenly, with their last known status: all if there are few, otherwise 1,000.
  [[nodiscard]] std::vector<SampledOrder> sample() const;

 private:
  static constexpr std::size_t kSample = 1'000;

  void note(const OpenOrder& order, OrderStatus status);

  LineDraw draw_;
  std::vector<ProductCount> products_;
  /// Orders whose draw has none of the bits in `left_out_`. When there are too many, it gets another bit.
  std::unordered_map<std::uint64_t, std::pair<OpenOrder, OrderStatus>> sampled_;
  std::uint64_t left_out_ = 0;
};

}  // namespace stockfold
