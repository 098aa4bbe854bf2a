// Settings: options of a subcommand that the environment and a file may set, too. The command line overrides
// the environment, the environment overrides the file, and the file overrides the defaults.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/text/arguments.h"
#include "tools/settings/config_file.h"

namespace stockfold {

/// The largest size of a disk that an option accepts.
inline constexpr std::uint64_t kMaxDisk = std::uint64_t{1} << 50;

/// Bytes: a whole number, optionally with B, KB, MB, GB or TB; each unit is 1,024 of the one before.
[[nodiscard]] Parsed<std::uint64_t> parse_size(std::string_view text, std::uint64_t min, std::uint64_t max);
/// The inverse of parse_size(), in the largest unit that gives a whole number.
[[nodiscard]] std::string size_text(std::uint64_t bytes);

// Every long option of a subcommand is a setting, but those that are not configurable(). Its type name is how
// the file has its value: N a whole number, SECONDS a number, SIZE a whole number of bytes or text such as
// "64MB"; an option without a value true or false; any other text. Its default is what default_str() says.

/// A size from `min` to `max` bytes.
CLI::Option* add_size(CLI::App& app, const std::string& name, std::size_t& target, std::uint64_t min,
                      std::uint64_t max, const std::string& description);
CLI::Option* add_seconds(CLI::App& app, const std::string& name, std::chrono::milliseconds& target,
                         const std::string& description);
/// A whole number from `min` to `max`.
CLI::Option* add_count(CLI::App& app, const std::string& name, std::size_t& target, std::uint64_t min,
                       std::uint64_t max, const std::string& description);
/// A setting that only the environment or a file that others cannot read may give: on the command line every
/// process of the machine could see it. resolve_settings() enforces this, and nothing prints it.
CLI::Option* add_secret(CLI::App& app, const std::string& name, std::string& target,
                        const std::string& description);

enum class SettingSource : std::uint8_t { built_in, file, environment, command_line };

/// A setting in force.
struct Setting {
  std::string key;
  std::string description;
  std::string value_name;   ///< Of the command line: N, HOST:PORT; empty where it takes no value.
  std::string environment;  ///< The variable.
  std::string default_value;
  ConfigType type = ConfigType::text;  ///< Of the value in a file.
  bool list = false;                   ///< May have several values.
  bool secret = false;
  SettingSource source = SettingSource::built_in;
  std::size_t line = 0;             ///< Of the file, where that is the source.
  std::vector<std::string> values;  ///< None where there is none, not even a default.
};

/// The settings of an app in the order in which they were added, none of them read.
[[nodiscard]] std::vector<Setting> settings_of(const CLI::App& app);

/// Call it after the command line is parsed. It takes what the command line does not set from the
/// environment, and the rest from `file`, unless that is empty. Values pass the options' own checks and go to
/// their targets. Returns all settings in force, or every error, each a line that names the source of the
/// value.
[[nodiscard]] std::expected<std::vector<Setting>, std::vector<std::string>> resolve_settings(
    CLI::App& app, const std::filesystem::path& file);

}  // namespace stockfold
