#include "server/http/target.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

namespace stockfold {
namespace {

/// The part after "http://" or "https://"; empty for other forms.
std::optional<std::string_view> behind_scheme(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    const std::string_view begin = target.substr(0, scheme.size());
    const bool is_it = std::ranges::equal(begin, scheme, {}, [](char c) {
      return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    if (is_it) return target.substr(scheme.size());
  }
  return std::nullopt;
}

/// In a query and in a form a '+' means a blank, in a path itself.
enum class Plus : std::uint8_t { itself, blank };

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::optional<std::string> decoded(std::string_view text, Plus plus) {
  std::string bytes;
  bytes.reserve(text.size());
  while (!text.empty()) {
    if (text.front() != '%') {
      bytes += text.front() == '+' && plus == Plus::blank ? ' ' : text.front();
      text.remove_prefix(1);
      continue;
    }
    const auto high = text.size() < 3 ? std::nullopt : hex_digit(text[1]);
    const auto low = text.size() < 3 ? std::nullopt : hex_digit(text[2]);
    if (!high || !low) return std::nullopt;
    bytes += static_cast<char>(*high * 16 + *low);
    text.remove_prefix(3);
  }
  return bytes;
}

/// The text before the separator. Removes both.
std::string_view take_until(std::string_view& text, char separator) {
  const std::string_view taken = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(taken.size() + 1, text.size()));
  return taken;
}

/// Whether it is a time such as "2026-01-02T03:04:05 01:00", whose offset began with a '+'.
bool is_time_that_lost_its_plus(std::string_view value) {
  constexpr std::string_view kDate = "0000-00-00T";
  constexpr std::string_view kOffset = " 00:00";
  const auto fits = [](std::string_view text, std::string_view form) {
    return std::ranges::equal(text, form, [](char c, char of_form) {
      return of_form == '0' ? std::isdigit(static_cast<unsigned char>(c)) != 0 : c == of_form;
    });
  };
  return value.size() > kDate.size() + kOffset.size() && fits(value.substr(0, kDate.size()), kDate) &&
         fits(value.substr(value.size() - kOffset.size()), kOffset);
}

std::expected<std::vector<HttpParameter>, std::string> parse_parameters(std::string_view text) {
  std::vector<HttpParameter> parameters;
  while (!text.empty()) {
    std::string_view value = take_until(text, '&');
    if (value.empty()) continue;
    auto name = decoded(take_until(value, '='), Plus::blank);
    auto decoded_value = decoded(value, Plus::blank);
    if (!name || !decoded_value) return std::unexpected("a % must be followed by two hexadecimal digits");
    if (parameters.size() == kMaxParameters) {
      return std::unexpected("more than " + std::to_string(kMaxParameters) + " parameters");
    }
    parameters.push_back({std::move(*name), std::move(*decoded_value)});
  }
  return parameters;
}

/// Percent-encodes all but letters, digits and `marks`.
std::string encoded_but(std::string_view text, std::string_view marks) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte < 0x80 && std::isalnum(byte) != 0) || marks.contains(c);
    if (plain) {
      encoded += c;
    } else {
      encoded.append({'%', kDigits[byte >> 4U], kDigits[byte & 15U]});
    }
  }
  return encoded;
}

}  // namespace

std::string_view absolute_authority(std::string_view target) {
  const auto rest = behind_scheme(target);
  return rest ? rest->substr(0, rest->find_first_of("/?")) : std::string_view();
}

bool ends_in_slash(std::string_view target) { return target.substr(0, target.find('?')).ends_with('/'); }

std::expected<HttpTarget, std::string> parse_target(std::string_view text) {
  const auto rest = behind_scheme(text);
  if (rest) {
    const std::string_view authority = absolute_authority(text);
    if (authority.empty()) return std::unexpected("the target names no host");
    text = rest->substr(authority.size());
  }
  if (!rest && !text.starts_with('/')) return std::unexpected("the target must begin with a slash");
  if (text.starts_with('/')) text.remove_prefix(1);  // an absolute target may have no path
  std::string_view query = text;
  std::string_view path = take_until(query, '?');

  HttpTarget target;
  while (!path.empty()) {
    auto segment = decoded(take_until(path, '/'), Plus::itself);
    if (!segment) return std::unexpected("a % must be followed by two hexadecimal digits");
    target.path.push_back(std::move(*segment));
  }
  auto parameters = parse_parameters(query);
  if (!parameters) return std::unexpected(std::move(parameters.error()));
  for (HttpParameter& parameter : *parameters) {
    // Clients write the offset of a time as it is, and a '+' that they mean as a blank only in other values.
    if (is_time_that_lost_its_plus(parameter.value)) parameter.value[parameter.value.size() - 6] = '+';
  }
  target.query = std::move(*parameters);
  return target;
}

std::expected<std::vector<HttpParameter>, std::string> parse_form(std::string_view text) {
  return parse_parameters(text);
}

std::string percent_encoded(std::string_view text) { return encoded_but(text, "._:-~@/"); }

std::string encoded_segment(std::string_view text) { return encoded_but(text, "._:-~@"); }

}  // namespace stockfold
