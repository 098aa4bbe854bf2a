// The stock movements of one product on one day.
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

}  // namespace stockfold
