// Time zones: when the days of a place begin. From the zone data of the machine (Debian's package tzdata).
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "core/movements.h"
#include "core/numbers.h"

namespace stockfold {

enum class ZoneError : std::uint8_t {
  unknown,  ///< The zone data has no zone of that name.
  no_data,  ///< The machine has no zone data.
};
/// One sentence about the zone of that name, and what to do.
[[nodiscard]] std::string message_of(ZoneError error, std::string_view name);

/// A zone of the IANA database. Immutable; any thread. A zone stays in memory until the program ends, so new
/// zone data takes effect with the next start.
class TimeZone {
 public:
  /// `name` is an IANA name such as "Europe/Berlin", in that spelling. "UTC" needs no zone data. Reads a file
  /// the first time.
  static std::expected<TimeZone, ZoneError> named(std::string_view name);

  /// The first instant of a local day, a whole second. If the zone skips the day, that of the day after it.
  /// If clocks go back across midnight, the day begins when it is midnight for the first time. So the days of
  /// a zone follow each other without gap or overlap.
  [[nodiscard]] UnixMillis begin_of(Day day) const;
  /// The day d with begin_of(d) <= time < begin_of(d + 1). Earlier times than 1970-01-01 in the zone count to
  /// that day.
  [[nodiscard]] Day day_at(UnixMillis time) const;

 private:
  struct Rules;
  explicit TimeZone(std::shared_ptr<const Rules> rules) : rules_(std::move(rules)) {}

  std::shared_ptr<const Rules> rules_;
};

}  // namespace stockfold
