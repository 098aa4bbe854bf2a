#include "tools/reports/csv.h"

#include <string_view>

namespace stockfold {
namespace {

/// So that people may calculate with it. What else begins with a sign is text.
bool is_number(std::string_view field) {
  if (field.starts_with('-') || field.starts_with('+')) field.remove_prefix(1);
  return !field.empty() && field.find_first_not_of("0123456789") == std::string_view::npos;
}

/// What spreadsheets take for a formula, and calculate.
bool is_formula(std::string_view field) {
  constexpr std::string_view kBeginnings = "=+-@\t\r\n";
  return !field.empty() && kBeginnings.contains(field.front()) && !is_number(field);
}

void append_field(std::string& line, std::string_view field) {
  const std::string_view mark = is_formula(field) ? "'" : "";
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    line.append(mark).append(field);
    return;
  }
  line.append("\"").append(mark);
  for (const char c : field) line.append(c == '"' ? 2 : 1, c);
  line += '"';
}

}  // namespace

std::string csv_line(std::span<const std::string> fields) {
  std::string line;
  const char* comma = "";
  for (const std::string& field : fields) {
    line += comma;
    append_field(line, field);
    comma = ",";
  }
  return line + '\n';
}

}  // namespace stockfold
