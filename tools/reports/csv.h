// Comma-separated values: what spreadsheets read.
#pragma once

#include <span>
#include <string>

namespace stockfold {

/// One record in the coding of RFC 4180, but ended by a line feed alone: a field that holds a comma, a quote
/// or a line end stands in quotes, its own quotes doubled. A spreadsheet calculates what begins with =, +, -,
/// @, a tab or a line end: before such a field stands an apostrophe, unless it is a number.
[[nodiscard]] std::string csv_line(std::span<const std::string> fields);

}  // namespace stockfold
