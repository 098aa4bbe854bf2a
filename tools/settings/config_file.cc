#include "tools/settings/config_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <map>
#include <optional>
#include <utility>

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace stockfold {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kKeyCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
constexpr std::string_view kBareCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-._";
constexpr std::string_view kLibraryPrefix = "Error while parsing ";

struct Scalar {
  ConfigType type;
  std::string text;
};

std::expected<Scalar, std::string> scalar_of(const toml::node& node) {
  if (const auto* text = node.as_string()) {
    if (text->get().contains('\0')) return std::unexpected("has a NUL in its text");
    return Scalar{ConfigType::text, text->get()};
  }
  if (const auto* integer = node.as_integer()) {
    return Scalar{ConfigType::integer, fmt::format("{}", integer->get())};
  }
  if (const auto* boolean = node.as_boolean()) {
    return Scalar{ConfigType::boolean, boolean->get() ? "true" : "false"};
  }
  if (const auto* number = node.as_floating_point()) {
    if (!std::isfinite(number->get())) return std::unexpected("is not a finite number");
    std::string text = fmt::format("{}", number->get());
    if (text.find_first_of(".e") == std::string::npos) text += ".0";  // or it would be read as an integer
    return Scalar{ConfigType::number, std::move(text)};
  }
  if (node.is_table()) return std::unexpected("is a table; settings have none");
  if (node.is_array()) return std::unexpected("is a list of lists; settings have none");
  return std::unexpected("is a date or a time; settings have none");
}

std::expected<ConfigEntry, std::string> entry_of(std::string_view key, const toml::node& node) {
  ConfigEntry entry{.key = std::string(key), .list = node.is_array()};
  const auto add = [&entry](const toml::node& value) -> std::optional<std::string> {
    auto scalar = scalar_of(value);
    if (!scalar) return scalar.error();
    if (!entry.values.empty() && entry.type != scalar->type) return "is a list of values of several types";
    entry.type = scalar->type;
    entry.values.push_back(std::move(scalar->text));
    return std::nullopt;
  };
  if (!entry.list) {
    if (auto wrong = add(node)) return std::unexpected(*std::move(wrong));
    return entry;
  }
  for (const toml::node& value : *node.as_array()) {
    if (auto wrong = add(value)) return std::unexpected(*std::move(wrong));
  }
  return entry;
}

/// Whether it can be a number or a word of TOML; dates are none.
bool is_bare_value(std::string_view token) {
  if (token == "true" || token == "false") return true;
  if (token.starts_with('+') || token.starts_with('-')) token.remove_prefix(1);
  if (token.empty() || token[0] < '0' || token[0] > '9') return false;
  for (std::size_t at = 1; at < token.size(); ++at) {
    const bool sign = token[at] == '+' || token[at] == '-';
    if (sign && token[at - 1] != 'e' && token[at - 1] != 'E') return false;
  }
  return token.find_first_not_of(kBareCharacters) == std::string_view::npos;
}

/// The length of the quoted text at the start of a value.
std::size_t length_of_text(std::string_view value) {
  std::size_t end = 1;
  for (; end < value.size() && value[end] != value[0]; ++end) {
    if (value[0] == '"' && value[end] == '\\') ++end;
  }
  return std::min(end + 1, value.size());
}

/// Checks the shape of a value: one text, number or word, or a list of them. Other shapes never reach toml++
/// 3.3: some of them fail its assertions, or have undefined behavior in it.
std::optional<std::string> oddity_of_value(std::string_view value) {
  constexpr std::string_view kNoText = "is not a number, true or false; put text in quotes";
  char before = '=';  // what is no blank
  bool in_list = false;
  for (std::size_t at = 0; at < value.size() && value[at] != '#';) {
    const char c = value[at];
    const bool may_begin = before == '=' || before == '[' || before == ',';
    std::size_t length = 1;
    if (kBlanks.contains(c)) {
      ++at;
      continue;
    }
    if (c == '{') return "is a table; settings have none";
    if (c == '[') {
      if (before == '[' || before == ',') return "is a list of lists; settings have none";
      if (before != '=') return std::string(kNoText);
      in_list = true;
    } else if (c == ']' || c == ',') {
      if (!in_list || (c == ',' && may_begin)) return std::string(kNoText);
      in_list = c == ',';
    } else {
      const bool quoted = c == '"' || c == '\'';
      const std::string_view rest = value.substr(at);
      length = quoted ? length_of_text(rest) : std::min(rest.find_first_of(" \t,]#"), rest.size());
      if (!may_begin || (!quoted && !is_bare_value(rest.substr(0, length)))) return std::string(kNoText);
      if (quoted && rest.starts_with(std::string(3, c))) return "has three quotes; write text on one line";
    }
    before = c;
    at += length;
  }
  if (in_list) return "is a list that does not end on its line";
  return std::nullopt;
}

/// What no line may hold, even if TOML allows it.
std::optional<std::string> oddity(std::string_view line) {
  if (line.size() > kMaxConfigLine) return fmt::format("is longer than {} bytes", kMaxConfigLine);
  if (line.starts_with(kByteOrderMark)) return "begins with a byte order mark; save the file without one";
  if (line.contains('\r')) return "has a carriage return; save the file with line feeds alone";
  if (line.contains('\0')) return "has a NUL";
  return std::nullopt;
}

/// The key at the start of a line; empty if there is nothing but a comment. TOML also has keys in quotes and
/// with dots. Settings have none, and some beginnings of such keys fail an assertion of toml++ 3.3.
std::expected<std::string_view, std::string> key_of(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  if (line.empty() || line.starts_with('#')) return std::string_view();
  if (line.starts_with('[')) return std::unexpected("is a section; settings have none");
  const std::string_view key = line.substr(0, line.find_first_not_of(kKeyCharacters));
  std::string_view rest = line.substr(key.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size()));
  if (key.empty() || !rest.starts_with('=')) {
    return std::unexpected("is not key = value, the key being of a-z, A-Z, 0-9, - and _");
  }
  return key;
}

/// Each line is read by itself. So all errors are found, and the length of a line bounds the nesting.
std::expected<std::optional<ConfigEntry>, std::string> read_line(std::string_view line) {
  if (auto odd = oddity(line)) return std::unexpected(*std::move(odd));
  auto key = key_of(line);
  if (!key) return std::unexpected(std::move(key.error()));
  if (key->empty()) return std::nullopt;
  if (auto odd = oddity_of_value(line.substr(line.find('=') + 1))) {
    return std::unexpected(fmt::format("{}: {}", *key, *odd));
  }
  const toml::parse_result parsed = toml::parse(line);
  if (!parsed) {
    std::string_view what = parsed.error().description();
    if (what.starts_with(kLibraryPrefix)) what.remove_prefix(kLibraryPrefix.size());
    return std::unexpected(fmt::format("{}: cannot be read: {}", *key, what));
  }
  auto entry = entry_of(*key, *parsed.table().get(*key));
  if (!entry) return std::unexpected(fmt::format("{}: {}", *key, entry.error()));
  return *std::move(entry);
}

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.append({'\\', c});
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\u{:04X}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::expected<std::string, std::string> read_all(int file) {
  std::string text(kMaxConfigBytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = ::read(file, text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::unexpected(fmt::format("cannot be read: {}", std::strerror(errno)));
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size > kMaxConfigBytes) return std::unexpected(fmt::format("is larger than {} bytes", kMaxConfigBytes));
  text.resize(size);
  return text;
}

std::expected<ConfigFile, std::string> read_open_file(int file) {
  struct stat status{};
  if (::fstat(file, &status) != 0) {
    return std::unexpected(fmt::format("cannot be read: {}", std::strerror(errno)));
  }
  if (!S_ISREG(status.st_mode)) return std::unexpected("is not a plain file");
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return std::unexpected("can be written by others than its owner: chmod go-w it");
  }
  auto text = read_all(file);
  if (!text) return std::unexpected(std::move(text.error()));
  return ConfigFile{.text = *std::move(text), .read_by_others = (status.st_mode & S_IROTH) != 0};
}

}  // namespace

ConfigText parse_config(std::string_view text) {
  ConfigText config;
  std::map<std::string, std::size_t, std::less<>> lines;  // where each key was given first
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    auto read = read_line(line);
    if (!read) {
      config.errors.push_back({number, std::move(read.error())});
      continue;
    }
    if (!*read) continue;
    ConfigEntry entry = **std::move(read);
    entry.line = number;
    const auto [before, is_new] = lines.emplace(entry.key, number);
    if (is_new) {
      config.entries.push_back(std::move(entry));
    } else {
      config.errors.push_back({number, fmt::format("{}: already set on line {}", entry.key, before->second)});
    }
  }
  return config;
}

std::string config_line(const ConfigEntry& entry) {
  std::string values;
  for (const std::string& value : entry.values) {
    if (!values.empty()) values += ", ";
    values += entry.type == ConfigType::text ? in_quotes(value) : value;
  }
  if (entry.list) values = '[' + values + ']';
  return fmt::format("{} = {}", entry.key, values);
}

std::expected<ConfigFile, std::string> read_config_file(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a FIFO is not waited for
  if (file < 0) return std::unexpected(fmt::format("cannot be read: {}", std::strerror(errno)));
  auto read = read_open_file(file);
  ::close(file);
  return read;
}

}  // namespace stockfold
