// The stock movements of one product in one stretch of time: a day or a quarter of an hour.
#pragma once

#include <cstdint>

#include "core/numbers.h"
#include "core/strong.h"

namespace stockfold {

/// Days since 1970-01-01, of UTC or of a time zone that is named.
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
  Units returned = 0;    ///< To the stock or into quarantine, by customers.
  Units counted_up = 0;  ///< Found by counts beyond what was on hand.
  Units counted_down = 0;
  Units transferred_in = 0;  ///< Arrived at a location from another one.
  Units transferred_out = 0;

  MovementSums& operator+=(const MovementSums& other) {
    placed += other.placed;
    aborted += other.aborted;
    fulfilled += other.fulfilled;
    received += other.received;
    written_off += other.written_off;
    events += other.events;
    returned += other.returned;
    counted_up += other.counted_up;
    counted_down += other.counted_down;
    transferred_in += other.transferred_in;
    transferred_out += other.transferred_out;
    return *this;
  }
  /// By how much the units on hand changed, over all locations. Orders that are placed or aborted change
  /// none.
  [[nodiscard]] std::int64_t on_hand_change() const {
    return static_cast<std::int64_t>(received + returned + counted_up + transferred_in - written_off -
                                     fulfilled - counted_down - transferred_out);
  }
  friend bool operator==(const MovementSums&, const MovementSums&) = default;
};

struct DayMovements {
  Day day;
  MovementSums sums;
  friend bool operator==(const DayMovements&, const DayMovements&) = default;
};

/// Of a day in a time zone, from its first instant to that of the next day.
struct ZoneDayMovements {
  Day day;  ///< The date there.
  UnixMillis begin;
  UnixMillis end;
  MovementSums sums;
  friend bool operator==(const ZoneDayMovements&, const ZoneDayMovements&) = default;
};

struct QuarterMovements {
  Quarter quarter;
  MovementSums sums;
  friend bool operator==(const QuarterMovements&, const QuarterMovements&) = default;
};

}  // namespace stockfold
