#include "tools/settings/settings_text.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "protocol/text/json_object.h"

namespace stockfold {
namespace {

constexpr std::string_view kMasked = "********";

std::string source_of(const Setting& setting, const std::filesystem::path& file) {
  switch (setting.source) {
    case SettingSource::built_in:
      return setting.values.empty() ? "not set" : "default";
    case SettingSource::file:
      return fmt::format("{}:{}", file.string(), setting.line);
    case SettingSource::environment:
      return setting.environment;
    case SettingSource::command_line:
      return "command line";
  }
  return "?";
}

/// Numbers as TOML and JSON have them: the command line takes 007 and .5 as well.
std::string written(const Setting& setting, const std::string& value) {
  if (setting.type == ConfigType::integer) return fmt::format("{}", std::stoull(value));
  if (setting.type == ConfigType::number) return fmt::format("{}", std::stod(value));
  return value;
}

boost::json::value value_of(const Setting& setting) {
  const auto one = [&setting](const std::string& value) -> boost::json::value {
    switch (setting.type) {
      case ConfigType::boolean:
        return value == "true";
      case ConfigType::integer:
        return std::stoull(value);
      case ConfigType::number: {
        const double number = std::stod(value);
        const auto whole = static_cast<std::int64_t>(number);  // seconds, and of a day at most
        if (static_cast<double>(whole) == number) return whole;
        return number;
      }
      case ConfigType::text:
        return boost::json::string(value);
    }
    return nullptr;
  };
  if (setting.values.empty()) return nullptr;
  if (setting.secret) return boost::json::string(kMasked);
  if (!setting.list) return one(setting.values.front());
  boost::json::array values;
  for (const std::string& value : setting.values) values.push_back(one(value));
  return values;
}

std::string in_code(std::string_view text) { return text.empty() ? "" : fmt::format("`{}`", text); }

}  // namespace

std::string config_text(const std::vector<Setting>& settings, const std::filesystem::path& file) {
  std::string text;
  for (const Setting& setting : settings) {
    ConfigEntry entry{.key = setting.key, .type = setting.type, .list = setting.list, .values = {}};
    for (const std::string& value : setting.values) {
      entry.values.push_back(setting.secret ? std::string(kMasked) : written(setting, value));
    }
    std::string line = entry.values.empty() ? setting.key + " =" : config_line(entry);
    if (entry.values.empty() || setting.secret) line.insert(0, "# ");
    text += fmt::format("{:<40} # {}\n", line, source_of(setting, file));
  }
  return text;
}

std::string config_json(const std::vector<Setting>& settings, const std::filesystem::path& file) {
  boost::json::object object;
  for (const Setting& setting : settings) {
    object[setting.key] =
        boost::json::object{{"value", value_of(setting)}, {"source", source_of(setting, file)}};
  }
  std::string text;
  append_json(object, text);
  return text;
}

std::string reference_text(const std::vector<Setting>& settings) {
  std::string text =
      "| setting | value | default | environment | meaning |\n| --- | --- | --- | --- | --- |\n";
  for (const Setting& setting : settings) {
    const std::string value = setting.value_name.empty() ? "true, false" : setting.value_name;
    text += fmt::format("| `{}` | {} | {} | `{}` | {} |\n", setting.key, value,
                        in_code(setting.default_value), setting.environment, setting.description);
  }
  return text;
}

}  // namespace stockfold
