#include "protocol/text/json_numbers.h"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace stockfold {
namespace {

constexpr std::size_t kMostDigits = 20;  // of 2^64 - 1

bool is_decimal(char c) { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& text) {
  const auto end = std::ranges::find_if_not(text, is_decimal);
  const std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

/// Takes an exponent, if there is one; false if it is malformed or out of bounds.
bool take_exponent(std::string_view& text, int& exponent) {
  if (!text.starts_with('e') && !text.starts_with('E')) return true;
  text.remove_prefix(1);
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return false;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  constexpr int kFar = 1'000'000;
  return error == std::errc{} && exponent > -kFar && exponent < kFar;
}

/// The next token of JSON: a text, a number, or a single byte.
std::string_view take_piece(std::string_view& json) {
  std::size_t size = 1;
  if (json.front() == '"') {
    while (size < json.size() && json[size] != '"') size += json[size] == '\\' ? 2U : 1U;
    ++size;
  } else if (is_decimal(json.front())) {
    size = std::min(json.find_first_not_of("0123456789+-.eE"), json.size());
  }
  const std::string_view piece = json.substr(0, size);
  json.remove_prefix(piece.size());
  return piece;
}

}  // namespace

std::string whole_digits(std::string_view number) {
  const std::string_view whole = take_digits(number);
  if (whole.empty() || (whole.size() > 1 && whole.front() == '0')) return {};
  std::string digits(whole);
  int exponent = 0;
  if (number.starts_with('.')) {
    number.remove_prefix(1);
    const std::string_view fraction = take_digits(number);
    if (fraction.empty()) return {};
    digits += fraction;
    exponent = -static_cast<int>(std::min(fraction.size(), std::size_t{1} << 20U));
  }
  int said = 0;
  if (!take_exponent(number, said) || !number.empty()) return {};
  exponent += said;
  while (exponent < 0 && digits.ends_with('0')) {
    digits.pop_back();
    ++exponent;
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.empty()) return "0";
  const bool fits = exponent >= 0 && digits.size() + static_cast<std::size_t>(exponent) <= kMostDigits;
  return fits ? digits.append(static_cast<std::size_t>(exponent), '0') : std::string();
}

std::optional<std::string> with_whole_numbers(std::string_view json) {
  std::optional<std::string> whole;
  const std::string_view all = json;
  while (!json.empty()) {
    const std::string_view before = all.substr(0, all.size() - json.size());
    const std::string_view piece = take_piece(json);
    const bool plain = !is_decimal(piece.front()) || piece.find_first_of(".eE") == std::string_view::npos;
    const std::string digits = plain ? std::string() : whole_digits(piece);
    if (!digits.empty() && !whole) whole.emplace(before);
    if (whole) *whole += digits.empty() ? piece : digits;
  }
  return whole;
}

}  // namespace stockfold
