// Comma-separated values: what spreadsheets read.
#pragma once

#include <span>
#include <string>

namespace stockfold {

/// One record as in RFC 4180, but ended by a line feed alone. A field with a comma, a quote or a line end is
/// put in quotes, and its own quotes are doubled. Spreadsheets treat a field that begins with =, +, -, @, a
/// tab or a line end as a formula, so an apostrophe is put before it, unless it is a number.
[[nodiscard]] std::string csv_line(std::span<const std::string> fields);

}  // namespace stockfold
