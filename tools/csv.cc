#include "tools/csv.h"

#include <string_view>

namespace stockfold {
namespace {

void append_field(std::string& line, std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    line += field;
    return;
  }
  line += '"';
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
