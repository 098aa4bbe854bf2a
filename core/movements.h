// The stock movements of one product in one stretch of time: a day or a quarter of an hour.
#pragma once

#include <cstdint>

#include "core/numbers.h"
#include "core/strong.h"

namespace stockfold {

/// Days since 1970-01-01, UTC.
using Day = Strong<struct DayTag, std::uint32_t>;

/// The day of a time that is not before 1970.
constexpr Day day_of(UnixMillis time) {
  constexpr std::int64_t kMillisADay = 86'400'000;
  return Day(static_cast<std::uint32_t>(time.value() / kMillisADay));
}

/// Quarters of an hour since 1970-01-01, UTC.
using Quarter = Strong<struct QuarterTag, std::uint32_t>;
inline constexpr std::int64_t kMillisAQuarter = 900'000;

/// The quarter of an hour of a time that is not before 1970.
constexpr Quarter quarter_of(UnixMillis time) {
  return Quarter(static_cast<std::uint32_t>(time.value() / kMillisAQuarter));
}
constexpr UnixMillis begin_of(Quarter quarter) {
  return UnixMillis(std::int64_t{quarter.value()} * kMillisAQuarter);
}

/// Sums of units by the kind of event that moved them, and the number of such events.
struct MovementSums {
  Units placed = 0;
  Units aborted = 0;  ///< Given back; aborted drafts do not count.
  Units fulfilled = 0;
  Units received = 0;  ///< Includes the stock at registration.
  Units written_off = 0;
  std::uint64_t events = 0;
  friend bool operator==(const MovementSums&, const MovementSums&) = default;
};

struct DayMovements {
  Day day;
  MovementSums sums;
  friend bool operator==(const DayMovements&, const DayMovements&) = default;
};

struct QuarterMovements {
  Quarter quarter;
  MovementSums sums;
  friend bool operator==(const QuarterMovements&, const QuarterMovements&) = default;
};

}  // namespace stockfold
