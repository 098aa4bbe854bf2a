#include "tools/load/book.h"

#include <algorithm>
#include <numeric>

#include "tools/load/random.h"

namespace stockfold {

std::span<const std::uint32_t> LineDraw::of(std::uint64_t draw) {
  Random random(draw);
  const std::uint32_t count = lines_.least + random.below(lines_.most - lines_.least + 1);
  std::uint32_t product = random.below(products_);
  drawn_.resize(count);
  if (count == 1) {
    drawn_.front() = product;
    return drawn_;
  }
  // steps of one width return to the start after products / gcd of them
  std::uint32_t step = 1 + random.below(products_ - 1);
  if (products_ / std::gcd(step, products_) < count) step = 1;
  for (std::uint32_t& drawn : drawn_) {
    drawn = product;
    product += step;
    if (product >= products_) product -= products_;
  }
  return drawn_;
}

std::size_t Book::place(const OpenOrder& order) {
  const auto lines = lines_of(order.draw);
  for (const std::uint32_t product : lines) ++products_[product].in_progress;
  note(order, OrderStatus::in_progress);
  return lines.size();
}

std::size_t Book::abort(const OpenOrder& order) {
  const auto lines = lines_of(order.draw);
  for (const std::uint32_t product : lines) --products_[product].in_progress;
  note(order, OrderStatus::aborted);
  return lines.size();
}

std::size_t Book::fulfil(const OpenOrder& order) {
  const auto lines = lines_of(order.draw);
  for (const std::uint32_t product : lines) {
    --products_[product].in_progress;
    ++products_[product].fulfilled;
  }
  note(order, OrderStatus::fulfilled);
  return lines.size();
}

void Book::note(const OpenOrder& order, OrderStatus status) {
  if ((order.draw & left_out_) != 0) return;
  sampled_.insert_or_assign(order.number, std::pair(order, status));
  if (sampled_.size() <= 2 * kSample) return;
  left_out_ = 2 * left_out_ + 1;
  std::erase_if(sampled_, [this](const auto& entry) { return (entry.second.first.draw & left_out_) != 0; });
}

std::vector<SampledOrder> Book::sample() const {
  std::vector<SampledOrder> sample;
  for (const auto& [number, order] : sampled_) {
    if (sample.size() == kSample) break;
    sample.push_back({number, order.second});
  }
  return sample;
}

}  // namespace stockfold
