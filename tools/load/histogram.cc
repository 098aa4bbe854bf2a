#include "tools/load/histogram.h"

#include <fmt/format.h>

namespace stockfold {

void Histogram::add(const Histogram& other) {
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) buckets_[bucket] += other.buckets_[bucket];
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
}

double Histogram::deviation() const {
  if (count_ == 0) return 0;
  double squares = 0;
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    if (buckets_[bucket] == 0) continue;
    const double distance = static_cast<double>(last_of(bucket)) - mean();
    squares += static_cast<double>(buckets_[bucket]) * distance * distance;
  }
  return std::sqrt(squares / static_cast<double>(count_));
}

std::uint64_t Histogram::at(double share) const {
  if (count_ == 0) return 0;
  const auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    seen += buckets_[bucket];
    if (seen >= std::max<std::uint64_t>(rank, 1)) return std::min(last_of(bucket), max_);
  }
  return max_;
}

std::uint64_t Histogram::count_up_to(std::uint64_t value) const {
  std::uint64_t count = 0;
  for (std::size_t bucket = 0; bucket <= bucket_of(value); ++bucket) count += buckets_[bucket];
  return count;
}

std::string percentile_text(const Histogram& histogram, double unit) {
  constexpr int kTicks = 5;  // and the next ones half as wide: as far as half of what is left to 1
  const auto scaled = [unit](auto value) { return static_cast<double>(value) / unit; };

  std::string text =
      fmt::format("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
  for (int tick = 0;; ++tick) {
    const double left = std::exp2(-(tick / kTicks));
    const double share = 1 - left + left * (tick % kTicks) / (2 * kTicks);
    const std::uint64_t value = histogram.at(share);
    const std::uint64_t count = histogram.count_up_to(value);
    if (count == histogram.count()) break;
    text += fmt::format("{:>12.3f} {:.12f} {:>10} {:>14.2f}\n", scaled(value), share, count, 1 / (1 - share));
  }
  text += fmt::format("{:>12.3f} {:.12f} {:>10}\n", scaled(histogram.max()), 1.0, histogram.count());
  text += fmt::format("#[Mean    = {:>12.3f}, StdDeviation   = {:>12.3f}]\n", scaled(histogram.mean()),
                      scaled(histogram.deviation()));
  text += fmt::format("#[Max     = {:>12.3f}, Total count    = {:>12}]\n", scaled(histogram.max()),
                      histogram.count());
  text += fmt::format("#[Buckets = {:>12}, SubBuckets     = {:>12}]\n", 57, 128);
  return text;
}

}  // namespace stockfold
