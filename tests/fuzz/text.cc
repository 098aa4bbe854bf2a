// Arguments of the program, and what it writes for spreadsheets: times, numbers, ids, addresses, CSV.
#include <stockfold/client.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/formats.h"
#include "fuzz/input.h"
#include "fuzz/targets.h"
#include "protocol/text/time_text.h"
#include "tools/console/address.h"
#include "tools/console/options.h"
#include "tools/reports/csv.h"

namespace stockfold {
namespace {

void hold_time(std::string_view text) {
  const auto time = parse_rfc3339(text);
  if (!time) return;
  if (*time >= kEarliest && *time <= kLatest) {
    require(parse_rfc3339(rfc3339(*time)) == time, "a time that is written is read back");
  }
  const bool is_ours = text.size() == 24 && text[10] == 'T' && text[19] == '.' && text.ends_with('Z');
  if (is_ours && text.substr(17, 2) != "60") require(rfc3339(*time) == text, "a time has one form of ours");
}

void hold_date(std::string_view text) {
  const auto date = parse_date(text);
  if (date) require(date_text(*date) == text, "a date has one form");
}

/// A wrong argument is quoted.
template <class T>
bool is_taken(const std::expected<T, std::string>& parsed, std::string_view text) {
  if (parsed) return true;
  require(parsed.error().find(text) != std::string::npos, "an error names what was wrong");
  return false;
}

/// The value of any number of decimal digits; nothing if it is not a 64-bit number.
std::optional<std::uint64_t> number_in(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (number > (UINT64_MAX - digit) / 10) return std::nullopt;
    number = 10 * number + digit;
  }
  return number;
}

void hold_number(std::string_view text) {
  const auto number = parse_number(text, 1, 1'000);
  const auto expected = number_in(text);
  const bool in_range = expected && *expected >= 1 && *expected <= 1'000;
  require(is_taken(number, text) == in_range && (!number || *number == *expected),
          "a number is its decimal digits");
  is_taken(parse_seconds(text), text);
}

void hold_moment(std::string_view text) {
  const auto moment = parse_moment(text);
  if (is_taken(moment, text) && std::holds_alternative<GlobalPosition>(*moment)) {
    const auto number = number_in(text);
    require(number ? std::get<GlobalPosition>(*moment).value() == *number
                   : std::get<GlobalPosition>(*moment).value() == 0,
            "digits are a position");
  }
  is_taken(parse_time(text), text);
  is_taken(parse_day(text), text);
}

void hold_names(std::string_view text) {
  if (const auto stream = parse_stream(text); is_taken(stream, text)) {
    require(stream->str() == text, "a stream has one form");
  }
  if (const auto id = parse_command_id(text); is_taken(id, text)) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    require(to_uuid(id->bytes) == lower, "a UUID is its digits");
  }
  if (const auto line = parse_line(text)) {
    require(text.starts_with(line->sku.view()), "a line begins with its SKU");
    require(line->quantity >= 1 && line->quantity <= kMaxQuantity, "and has a quantity");
  }
  is_taken(parse_status(text), text);
}

void hold_event_types(std::string_view text) {
  const auto types = parse_event_types(text);
  if (!types) return require(!types.error().empty(), "an error says what is wrong");
  std::string names;
  for (const EventType type : *types) names.append(names.empty() ? "" : ",").append(name_of(type));
  require(names == text, "types are their names");
}

void hold_address(std::string_view text) {
  const auto address = parse_address(text);
  if (!is_taken(address, text)) return;
  const auto& [host, port] = *address;
  const std::size_t colon = text.rfind(':');
  require(number_in(text.substr(colon + 1)) == port, "a port is its digits");
  const std::string_view written = text.substr(0, colon);
  require(!host.empty() && (written == host || written == '[' + host + ']'),
          "a host is what stands before it");
}

/// The fields of one record of RFC 4180 that ends with a line feed; nothing if it is not one.
std::optional<std::vector<std::string>> record_in(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted) {
      if (c != '"') {
        fields.back() += c;
      } else if (line.substr(i + 1).starts_with('"')) {
        fields.back() += line[++i];
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      fields.emplace_back();
    } else if (c == '\n') {
      return i + 1 == line.size() ? std::optional(fields) : std::nullopt;
    } else {
      fields.back() += c;
    }
  }
  return std::nullopt;
}

void hold_csv(std::string_view text) {
  std::vector<std::string> fields(1);
  for (const char c : text) {
    if (c == '\0') {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  auto read = record_in(csv_line(fields));
  require(read && read->size() == fields.size(), "a record that is written is read back");
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const bool may_be_calculated = fields[i].find_first_of("=+-@\t\r\n") == 0;
    if (may_be_calculated && (*read)[i].starts_with('\'')) (*read)[i].erase(0, 1);
    require((*read)[i] == fields[i], "a field that is written is read back");
  }
}

}  // namespace

int fuzz_text(const std::uint8_t* data, std::size_t size) {
  FuzzInput input(data, size);
  const std::uint8_t what = input.byte();
  const std::string_view text = input.rest();
  switch (what & 7U) {
    case 0:
      hold_time(text);
      break;
    case 1:
      hold_date(text);
      break;
    case 2:
      hold_number(text);
      break;
    case 3:
      hold_moment(text);
      break;
    case 4:
      hold_names(text);
      break;
    case 5:
      hold_event_types(text);
      break;
    case 6:
      hold_address(text);
      break;
    default:
      hold_csv(text);
      break;
  }
  return 0;
}

}  // namespace stockfold
