// Times as people and JSON write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/movements.h"
#include "core/numbers.h"

namespace stockfold {

/// RFC 3339 in UTC with milliseconds: "2026-01-02T03:04:05.678Z".
[[nodiscard]] std::string rfc3339(UnixMillis time);
/// The inverse, of every form that RFC 3339 allows, with an offset too; what is finer than milliseconds is
/// cut off. Before 1970 it is negative. Empty where `text` is something else.
[[nodiscard]] std::optional<UnixMillis> parse_rfc3339(std::string_view text);

/// As HTTP writes them (RFC 9110, 5.6.7): "Fri, 02 Jan 2026 03:04:05 GMT".
[[nodiscard]] std::string http_date(UnixMillis time);

/// "2026-01-02".
[[nodiscard]] std::string date_text(Day day);
/// The inverse, for days from 1970-01-01 on; empty where `text` is something else.
[[nodiscard]] std::optional<Day> parse_date(std::string_view text);

}  // namespace stockfold
