#include "tools/settings/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <optional>
#include <utility>

#include "tools/console/options.h"

namespace stockfold {
namespace {

constexpr std::string_view kCountType = "N";
constexpr std::string_view kSecondsType = "SECONDS";
constexpr std::string_view kSizeType = "SIZE";
constexpr std::string_view kSecretType = "SECRET";
/// Each is 1,024 times the one before.
constexpr std::array<std::string_view, 5> kUnits = {"B", "KB", "MB", "GB", "TB"};

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

ConfigType type_of(const CLI::Option& option) {
  if (!takes_value(option)) return ConfigType::boolean;
  if (option.get_type_name() == kCountType) return ConfigType::integer;
  if (option.get_type_name() == kSecondsType) return ConfigType::number;
  return ConfigType::text;
}

std::string upper_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
  return text;
}

std::string variable_of(std::string key) {
  std::ranges::replace(key, '-', '_');
  return "STOCKFOLD_" + upper_case(std::move(key));
}

bool is_setting(const CLI::Option& option) {
  return option.get_configurable() && !option.get_lnames().empty();
}

Setting setting_of(const CLI::Option& option) {
  Setting setting{.key = option.get_lnames().front(),
                  .description = option.get_description(),
                  .value_name = takes_value(option) ? option.get_type_name() : "",
                  .environment = variable_of(option.get_lnames().front()),
                  .default_value = takes_value(option) ? option.get_default_str() : "false",
                  .type = type_of(option),
                  .list = option.get_items_expected_max() > 1,
                  .secret = option.get_type_name() == kSecretType};
  if (!setting.default_value.empty()) setting.values = {setting.default_value};
  return setting;
}

/// The edit distance: how many letters to add, remove or change to turn one word into the other.
std::size_t distance(std::string_view one, std::string_view other) {
  std::vector<std::size_t> row(other.size() + 1);
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = i;
  for (std::size_t i = 0; i < one.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < other.size(); ++j) {
      const std::size_t changed = diagonal + (one[i] == other[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, changed});
    }
  }
  return row.back();
}

/// The part of a command line error after the option's name.
std::string without_name(const std::string& key, const std::string& error) {
  const std::string name = "--" + key + ": ";
  return error.starts_with(name) ? error.substr(name.size()) : error;
}

std::string_view in_words(const Setting& setting) {
  if (setting.value_name == kSizeType) return R"(a size: a whole number of bytes, or text such as "64MB")";
  switch (setting.type) {
    case ConfigType::boolean:
      return "true or false";
    case ConfigType::integer:
      return "a whole number";
    case ConfigType::number:
      return "a number";
    case ConfigType::text:
      return R"(text, in quotes: "…")";
  }
  return "?";
}

bool fits(const ConfigEntry& entry, const Setting& setting) {
  if (entry.list && entry.values.empty()) return true;
  if (entry.type == setting.type) return true;
  if (entry.type != ConfigType::integer) return false;
  return setting.type == ConfigType::number || setting.value_name == kSizeType;
}

/// Fills in what the command line does not set.
class SettingsResolver {
 public:
  SettingsResolver(CLI::App& app, const std::filesystem::path& file) : path_(file.string()) {
    for (CLI::Option* option : app.get_options()) {
      if (is_setting(*option)) options_.push_back({option, setting_of(*option)});
    }
  }

  void from_command_line() {
    for (auto& [option, setting] : options_) {
      if (option->count() == 0) continue;
      if (setting.secret) {
        errors_.push_back(
            fmt::format("--{}: is a secret, and every user of this machine can see a command line: "
                        "set it in a file, or as {}",
                        setting.key, setting.environment));
      }
      setting.source = SettingSource::command_line;
      setting.values = option->results();
      if (!takes_value(*option)) setting.values = {option->as<bool>() ? "true" : "false"};
    }
  }

  void from_environment() {
    for (auto& [option, setting] : options_) {
      const char* value = std::getenv(setting.environment.c_str());
      if (value == nullptr || *value == '\0' || setting.source == SettingSource::command_line) continue;
      setting.source = SettingSource::environment;
      setting.values = {value};
      if (setting.type == ConfigType::boolean && setting.values != std::vector<std::string>{"true"} &&
          setting.values != std::vector<std::string>{"false"}) {
        errors_.push_back(fmt::format("{}: \"{}\" is not true or false", setting.environment, value));
        continue;
      }
      give(*option, setting, setting.environment + ": ");
    }
  }

  void from_file() {
    if (path_.empty()) return;
    const auto file = read_config_file(path_);
    if (!file) return errors_.push_back(fmt::format("{}: {}", path_, file.error()));
    ConfigText config = parse_config(file->text);
    for (const ConfigError& error : config.errors) complain_of(error.line, error.what);
    for (ConfigEntry& entry : config.entries) take(std::move(entry), file->read_by_others);
  }

  [[nodiscard]] std::expected<std::vector<Setting>, std::vector<std::string>> result() && {
    if (!errors_.empty()) return std::unexpected(std::move(errors_));
    std::vector<Setting> settings;
    settings.reserve(options_.size());
    for (auto& [option, setting] : options_) settings.push_back(std::move(setting));
    return settings;
  }

 private:
  struct Known {
    CLI::Option* option;
    Setting setting;
  };

  void complain_of(std::size_t line, std::string_view what) {
    errors_.push_back(fmt::format("{}:{}: {}", path_, line, what));
  }

  void take(ConfigEntry entry, bool read_by_others) {
    const auto known = std::ranges::find(options_, entry.key, [](const Known& k) { return k.setting.key; });
    if (known == options_.end()) return complain_of(entry.line, unknown(entry.key));
    auto& [option, setting] = *known;
    const auto wrong = [&](std::string_view what) {
      complain_of(entry.line, fmt::format("{}: {}", entry.key, what));
    };
    if (entry.list && !setting.list) return wrong("must be one value, not a list");
    if (!fits(entry, setting)) return wrong(fmt::format("must be {}", in_words(setting)));
    if (setting.secret && read_by_others) {
      return wrong("is a secret, and others can read this file: chmod o-r it");
    }
    if (setting.source > SettingSource::file) return;
    setting.source = SettingSource::file;
    setting.line = entry.line;
    setting.values = std::move(entry.values);
    give(*option, setting, fmt::format("{}:{}: {}: ", path_, setting.line, setting.key));
  }

  [[nodiscard]] std::string unknown(const std::string& key) const {
    std::string text = fmt::format("unknown setting \"{}\"", key);
    const auto nearest = std::ranges::min_element(
        options_, {}, [&key](const Known& known) { return distance(key, known.setting.key); });
    const std::size_t near = std::max<std::size_t>(2, key.size() / 3);
    if (nearest == options_.end() || distance(key, nearest->setting.key) > near) return text;
    return text + fmt::format("; did you mean {}?", nearest->setting.key);
  }

  void give(CLI::Option& option, const Setting& setting, const std::string& where) {
    try {
      for (const std::string& value : setting.values) option.add_result(value);
      if (!setting.values.empty()) option.run_callback();
    } catch (const CLI::ParseError& error) {
      errors_.push_back(where + without_name(setting.key, error.what()));
    }
  }

  std::string path_;
  std::vector<Known> options_;
  std::vector<std::string> errors_;
};

}  // namespace

Parsed<std::uint64_t> parse_size(std::string_view text, std::uint64_t min, std::uint64_t max) {
  const auto wrong = std::unexpected(
      fmt::format("\"{}\" is not a size from {} to {}, such as 64MB", text, size_text(min), size_text(max)));
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string unit = upper_case(std::string(text.substr(digits)));
  const auto* factor =
      std::ranges::find_if(kUnits, [&](std::string_view name) { return name == unit || name == unit + 'B'; });
  if (!unit.empty() && factor == kUnits.end()) return wrong;
  const auto shift = unit.empty() ? 0 : 10 * (factor - kUnits.begin());
  const auto number = parse_number(text.substr(0, digits), 0, UINT64_MAX >> shift);
  if (!number || *number << shift < min || *number << shift > max) return wrong;
  return *number << shift;
}

std::string size_text(std::uint64_t bytes) {
  std::size_t unit = 0;
  while (bytes != 0 && bytes % 1'024 == 0 && unit + 1 < kUnits.size()) {
    bytes /= 1'024;
    ++unit;
  }
  return unit == 0 ? std::to_string(bytes) : std::to_string(bytes) + std::string(kUnits.at(unit));
}

CLI::Option* add_size(CLI::App& app, const std::string& name, std::size_t& target, std::uint64_t min,
                      std::uint64_t max, const std::string& description) {
  const auto parse = [min, max](std::string_view text) { return parse_size(text, min, max); };
  return add_argument(app, name, target, parse, description)
      ->type_name(std::string(kSizeType))
      ->default_str(size_text(target));
}

CLI::Option* add_seconds(CLI::App& app, const std::string& name, std::chrono::milliseconds& target,
                         const std::string& description) {
  return add_argument(app, name, target, parse_seconds, description)
      ->type_name(std::string(kSecondsType))
      ->default_str(fmt::format("{}", std::chrono::duration<double>(target).count()));
}

CLI::Option* add_count(CLI::App& app, const std::string& name, std::size_t& target, std::uint64_t min,
                       std::uint64_t max, const std::string& description) {
  return add_number(app, name, target, min, max, description)
      ->type_name(std::string(kCountType))
      ->default_str(std::to_string(target));
}

CLI::Option* add_secret(CLI::App& app, const std::string& name, std::string& target,
                        const std::string& description) {
  return app.add_option(name, target, description + "; never on the command line")
      ->type_name(std::string(kSecretType));
}

std::vector<Setting> settings_of(const CLI::App& app) {
  std::vector<Setting> settings;
  for (const CLI::Option* option : app.get_options()) {
    if (is_setting(*option)) settings.push_back(setting_of(*option));
  }
  return settings;
}

std::expected<std::vector<Setting>, std::vector<std::string>> resolve_settings(
    CLI::App& app, const std::filesystem::path& file) {
  SettingsResolver resolver(app, file);
  resolver.from_command_line();
  resolver.from_environment();
  resolver.from_file();
  return std::move(resolver).result();
}

}  // namespace stockfold
