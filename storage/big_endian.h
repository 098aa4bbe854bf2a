// Numbers as bytes whose order is the order of the numbers.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stockfold {

template <std::unsigned_integral Number>
void append_big_endian(std::string& out, Number number) {
  for (std::size_t shift = sizeof(Number) * 8; shift != 0;) {
    shift -= 8;
    out.push_back(static_cast<char>(number >> shift));
  }
}

/// Empty where `bytes` are not exactly as many as the number has.
template <std::unsigned_integral Number>
std::optional<Number> parse_big_endian(std::string_view bytes) {
  if (bytes.size() != sizeof(Number)) return std::nullopt;
  std::uint64_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<std::uint8_t>(byte);
  return static_cast<Number>(number);
}

}  // namespace stockfold
