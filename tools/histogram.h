// A histogram of fixed size whose buckets widen with the values: percentiles within 1 %, without keeping
// samples.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace stockfold {

/// Every power of two is cut into 128 buckets of one width, so a bucket is at most 1/128 as wide as its
/// values.
class Histogram {
 public:
  void record(std::uint64_t value) {
    ++buckets_[bucket_of(value)];
    ++count_;
    max_ = std::max(max_, value);
  }

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t max() const { return max_; }

  /// The smallest value, to within a bucket, that at least `share` (0 to 1) of all values do not exceed; 0 of
  /// none.
  [[nodiscard]] std::uint64_t at(double share) const {
    const auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < kBuckets && count_ != 0; ++bucket) {
      seen += buckets_[bucket];
      if (seen >= std::max<std::uint64_t>(rank, 1)) return std::min(last_of(bucket), max_);
    }
    return max_;
  }

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

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace stockfold
