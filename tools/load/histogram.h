// A histogram of fixed size whose buckets widen with the values: percentiles within 1 %, without keeping
// samples.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace stockfold {

/// Every power of two is cut into 128 buckets of one width, so a bucket is at most 1/128 as wide as its
/// values.
class Histogram {
 public:
  void record(std::uint64_t value) {
    ++buckets_[bucket_of(value)];
    ++count_;
    sum_ += static_cast<double>(value);
    max_ = std::max(max_, value);
  }
  void add(const Histogram& other);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t max() const { return max_; }
  /// 0 of none.
  [[nodiscard]] double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }
  /// The standard deviation, to within a bucket; 0 of none.
  [[nodiscard]] double deviation() const;

  /// The smallest value, to within a bucket, that at least `share` (0 to 1) of all values do not exceed; 0 of
  /// none.
  [[nodiscard]] std::uint64_t at(double share) const;

  /// How many values do not exceed `value`, one that at() returned.
  [[nodiscard]] std::uint64_t count_up_to(std::uint64_t value) const;

 private:
  static constexpr int kBits = 7;
  static constexpr std::uint64_t kPerPower = 1U << kBits;
  static constexpr std::size_t kBuckets = (64 - kBits + 1) * kPerPower;

  /// How many low bits of a value its bucket forgets.
  static int forgotten_bits(std::uint64_t value) {
    return std::max(0, static_cast<int>(std::bit_width(value)) - kBits - 1);
  }

  static std::size_t bucket_of(std::uint64_t value) {
    const int forgotten = forgotten_bits(value);
    return static_cast<std::size_t>(forgotten) * kPerPower + static_cast<std::size_t>(value >> forgotten);
  }

  /// The largest value of a bucket.
  static std::uint64_t last_of(std::size_t bucket) {
    if (bucket < 2 * kPerPower) return bucket;
    const auto forgotten = static_cast<int>(bucket / kPerPower) - 1;
    const std::uint64_t kept = bucket % kPerPower + kPerPower;
    return (kept << forgotten) + ((std::uint64_t{1} << forgotten) - 1);
  }

  std::vector<std::uint64_t> buckets_ = std::vector<std::uint64_t>(kBuckets);
  std::uint64_t count_ = 0;
  double sum_ = 0;
  std::uint64_t max_ = 0;
};

/// The percentile distribution as HdrHistogram prints it, which its plotters read: value, percentile, count
/// up to it, 1 / (1 - percentile). Values are divided by `unit`.
[[nodiscard]] std::string percentile_text(const Histogram& histogram, double unit);

}  // namespace stockfold
