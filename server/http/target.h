// What stands behind the method of an HTTP request, taken apart; and forms, which are written alike.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace stockfold {

struct HttpParameter {
  std::string name;
  std::string value;
  friend bool operator==(const HttpParameter&, const HttpParameter&) = default;
};

/// Decoded: "/order/a%3A1/?limit=5" is {"order", "a:1"} and {"limit", "5"}.
struct HttpTarget {
  std::vector<std::string> path;  ///< Without the empty segment behind a last slash.
  std::vector<HttpParameter> query;
};

/// Parameters that a form or a query may have.
inline constexpr std::size_t kMaxParameters = 2'048;

/// In origin form or, with a scheme and a host before it, in absolute form. The error says what is wrong.
std::expected<HttpTarget, std::string> parse_target(std::string_view text);
/// Of an absolute form, "ledger.example:8000"; empty in others.
std::string_view absolute_authority(std::string_view target);
/// Its path does.
bool ends_in_slash(std::string_view target);
/// application/x-www-form-urlencoded.
std::expected<std::vector<HttpParameter>, std::string> parse_form(std::string_view text);

/// Text as a query may hold it: all but `A-Z a-z 0-9 . _ : - ~ @ /` is written by its bytes.
[[nodiscard]] std::string percent_encoded(std::string_view text);

}  // namespace stockfold
