// A configuration file, and the sizes in it.
#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "fuzz/input.h"
#include "fuzz/targets.h"
#include "tools/settings/config_file.h"
#include "tools/settings/settings.h"

namespace stockfold {
namespace {

bool is_made_of(std::string_view text, std::string_view characters) {
  return !text.empty() && text.find_first_not_of(characters) == std::string_view::npos;
}

/// A line that needs no library: a bare key, a blank on either side of the equals sign, and a word, a whole
/// number or text without special characters. Nothing if it is another kind of line.
std::optional<ConfigEntry> plain_entry(std::string_view line) {
  const std::size_t equals = line.find(" = ");
  if (equals == std::string_view::npos || line.size() > kMaxConfigLine) return std::nullopt;
  const std::string_view key = line.substr(0, equals);
  std::string_view value = line.substr(equals + 3);
  if (!is_made_of(key, "abcdefghijklmnopqrstuvwxyz-")) return std::nullopt;
  ConfigEntry entry{.key = std::string(key), .values = {}};
  if (value == "true" || value == "false") {
    entry.type = ConfigType::boolean;
  } else if (is_made_of(value, "0123456789") && value.size() <= 18 && (value == "0" || value[0] != '0')) {
    entry.type = ConfigType::integer;
  } else if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
    const bool plain =
        std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
    if (!plain) return std::nullopt;
  } else {
    return std::nullopt;
  }
  entry.values.emplace_back(value);
  return entry;
}

void hold_config(std::string_view text) {
  const ConfigText config = parse_config(text);
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
  std::set<std::string> keys;
  std::set<std::size_t> told;
  for (const ConfigEntry& entry : config.entries) {
    require(keys.insert(entry.key).second, "no key is taken twice");
    require(told.insert(entry.line).second && entry.line >= 1 && entry.line <= lines,
            "an entry is of one line");
    require(entry.list || entry.values.size() == 1, "what is no list has one value");
    ConfigEntry first = entry;
    first.line = 1;
    const ConfigText again = parse_config(config_line(first));
    const bool same = again.errors.empty() && again.entries.size() == 1 && again.entries.front() == first;
    require(same || config_line(first).size() > kMaxConfigLine, "an entry that is written is read back");
  }
  for (const ConfigError& error : config.errors) {
    require(told.insert(error.line).second && error.line >= 1 && error.line <= lines,
            "an error is of one line");
    require(!error.what.empty(), "an error says what is wrong");
  }
  for (std::size_t number = 1; number <= lines; ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    auto plain = plain_entry(line);
    if (!plain) continue;
    require(told.contains(number), "a plain line is taken, or an error");
    plain->line = number;
    const auto taken = std::ranges::find(config.entries, number, &ConfigEntry::line);
    if (taken != config.entries.end()) require(*taken == *plain, "a plain line is what it says");
    if (taken == config.entries.end()) require(keys.contains(plain->key), "a plain line is taken, but twice");
  }
}

void hold_size(std::string_view text) {
  const auto size = parse_size(text, 0, UINT64_MAX);
  if (!size) return require(size.error().find(text) != std::string::npos, "an error names what was wrong");
  require(parse_size(size_text(*size), 0, UINT64_MAX) == *size, "a size that is written is read back");
}

}  // namespace

int fuzz_config(const std::uint8_t* data, std::size_t size) {
  FuzzInput input(data, size);
  if ((input.byte() & 7U) == 0) {
    hold_size(input.rest());
  } else {
    hold_config(input.rest());
  }
  return 0;
}

}  // namespace stockfold
