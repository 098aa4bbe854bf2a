// Intervals of the log. For everything that changed in an interval, the view keeps the state at the last
// change.
#pragma once

#include <cstdint>

#include "core/numbers.h"

namespace stockfold {

/// Interval k holds the positions k * length + 1 to (k + 1) * length.
struct Intervals {
  /// Bounds what a query about the past has to read: 262,144 events take some tenths of a second. Shorter
  /// intervals would store more: 0.8 MB an interval with 10,000 products that all sell.
  std::uint64_t length = 262'144;

  /// `position` is at least 1.
  [[nodiscard]] constexpr std::uint64_t of(GlobalPosition position) const {
    return (position.value() - 1) / length;
  }
  [[nodiscard]] constexpr GlobalPosition first(std::uint64_t interval) const {
    return GlobalPosition(interval * length + 1);
  }
  [[nodiscard]] constexpr GlobalPosition last(std::uint64_t interval) const {
    return GlobalPosition((interval + 1) * length);
  }
};

}  // namespace stockfold
