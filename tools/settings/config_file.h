// A file of settings: a subset of TOML 1.0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace stockfold {

enum class ConfigType : std::uint8_t { boolean, integer, number, text };

/// One line `key = value`, or `key = [value, …]`.
struct ConfigEntry {
  std::string key;
  ConfigType type = ConfigType::text;  ///< Of the value; of every one of a list.
  bool list = false;
  std::vector<std::string>
      values;            ///< As the command line would have them: true, 10000, 0.5, 127.0.0.1:7070.
  std::size_t line = 0;  ///< Counted from 1.
  friend bool operator==(const ConfigEntry&, const ConfigEntry&) = default;
};

struct ConfigError {
  std::size_t line = 0;  ///< 0: the file as a whole.
  std::string what;
};

struct ConfigText {
  std::vector<ConfigEntry> entries;  ///< In the order of their lines; no key twice.
  std::vector<ConfigError> errors;   ///< All that there are.
};

inline constexpr std::size_t kMaxConfigBytes = 64U << 10;
inline constexpr std::size_t kMaxConfigLine = 4'096;

/// Reads `key = value` lines, empty lines and `#` comments. The rest of TOML is an error: sections, tables,
/// dates, values of several lines, carriage returns, a byte order mark. A key given twice is an error, too.
[[nodiscard]] ConfigText parse_config(std::string_view text);

/// A line that parse_config() reads as this entry.
[[nodiscard]] std::string config_line(const ConfigEntry& entry);

struct ConfigFile {
  std::string text;
  bool read_by_others = false;  ///< Anybody on the machine may read it: no place for secrets.
};

/// Reads a whole file of settings. Errors: it cannot be read, is not a plain file, is too large, or others
/// than its owner can write to it.
[[nodiscard]] std::expected<ConfigFile, std::string> read_config_file(const std::filesystem::path& path);

}  // namespace stockfold
