// The numbers of the domain and the log, with their ranges.
#pragma once

#include <cstdint>
#include <optional>

#include "core/strong.h"

namespace stockfold {

/// The number of an event in the whole log: 1, 2, 3 … without gaps. 0 is before the first event.
using GlobalPosition = Strong<struct GlobalPositionTag, std::uint64_t>;

/// The number of an event in one stream: 1, 2, 3 … without gaps. 0: the stream has no event yet.
using StreamVersion = Strong<struct StreamVersionTag, std::uint64_t>;

/// The life of a log: 1 when it is created, one more at every restore.
using Epoch = Strong<struct EpochTag, std::uint32_t>;

/// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
using UnixMillis = Strong<struct UnixMillisTag, std::int64_t>;

/// Units of a product moved by one line or command: 1 to kMaxQuantity.
using Quantity = std::uint32_t;
inline constexpr Quantity kMaxQuantity = 2'147'483'647;  // 2^31 - 1

/// A count of units: 0 to kMaxUnits. All units ever received of a product fit, so no sum of parts overflows.
using Units = std::uint64_t;
inline constexpr Units kMaxUnits = 9'007'199'254'740'991;  // 2^53 - 1, exact in a JSON number

/// The version that a caller expects a stream to have.
class ExpectedVersion {
 public:
  /// Any version.
  static constexpr ExpectedVersion any() { return {}; }
  /// The stream must not exist yet; the same as exactly(0).
  static constexpr ExpectedVersion no_stream() { return exactly(StreamVersion(0)); }
  static constexpr ExpectedVersion exactly(StreamVersion version) {
    ExpectedVersion expected;
    expected.version_ = version;
    return expected;
  }

  [[nodiscard]] constexpr bool accepts(StreamVersion actual) const {
    return !version_ || *version_ == actual;
  }
  /// Empty for any().
  [[nodiscard]] constexpr const std::optional<StreamVersion>& version() const { return version_; }

  friend constexpr bool operator==(const ExpectedVersion&, const ExpectedVersion&) = default;

 private:
  std::optional<StreamVersion> version_;
};

}  // namespace stockfold
