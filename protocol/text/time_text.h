// Times as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/movements.h"
#include "core/numbers.h"

namespace stockfold {

/// RFC 3339 in UTC with milliseconds: "2026-01-02T03:04:05.678Z".
[[nodiscard]] std::string rfc3339(UnixMillis time);
/// The inverse. Accepts every form of RFC 3339, offsets included, and drops digits beyond milliseconds. A
/// time before 1970 is negative. Empty if `text` is no time.
[[nodiscard]] std::optional<UnixMillis> parse_rfc3339(std::string_view text);

/// A time as HTTP writes it (RFC 9110, 5.6.7): "Fri, 02 Jan 2026 03:04:05 GMT".
[[nodiscard]] std::string http_date(UnixMillis time);

/// "2026-01-02".
[[nodiscard]] std::string date_text(Day day);
/// The inverse, for days from 1970-01-01 on; empty if `text` is no such day.
[[nodiscard]] std::optional<Day> parse_date(std::string_view text);

}  // namespace stockfold
