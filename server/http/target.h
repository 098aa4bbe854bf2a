// The target of an HTTP request, parsed; and forms, which have the same syntax.
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
  bool is_id = false;  ///< The id that kIdInQuery in the path stands for.
  friend bool operator==(const HttpParameter&, const HttpParameter&) = default;
};

/// Decoded: "/order/a%3A1/?limit=5" is {"order", "a:1"} and {"limit", "5"}.
struct HttpTarget {
  std::vector<std::string> path;  ///< Without the empty segment after a last slash.
  std::vector<HttpParameter> query;
};

/// The most parameters of a form or a query.
inline constexpr std::size_t kMaxParameters = 2'048;

/// `text` in origin form, or in absolute form with a scheme and a host. In the query a '+' is a blank, but in
/// the offset of a time, as in 2026-01-02T03:04:05+01:00, it is itself. The error names what is wrong.
std::expected<HttpTarget, std::string> parse_target(std::string_view text);
/// The authority of an absolute form, "ledger.example:8000"; empty for other forms.
std::string_view absolute_authority(std::string_view target);
/// Whether the path ends in a slash.
bool ends_in_slash(std::string_view target);
/// application/x-www-form-urlencoded.
std::expected<std::vector<HttpParameter>, std::string> parse_form(std::string_view text);

/// Text for a query: all but `A-Z a-z 0-9 . _ : - ~ @ /` is percent-encoded.
[[nodiscard]] std::string percent_encoded(std::string_view text);
/// Text for a segment of a path: the same, and the slash too.
[[nodiscard]] std::string encoded_segment(std::string_view text);

}  // namespace stockfold
