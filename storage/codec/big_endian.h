// Numbers as bytes whose order is the order of the numbers, and what is made of them and of raw bytes alone.
#pragma once

#include <algorithm>
#include <cassert>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/ids.h"

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

template <class Tag, std::size_t N>
void append_raw(std::string& out, const Bytes<Tag, N>& value) {
  out.append(reinterpret_cast<const char*>(value.bytes.data()), N);
}

/// Takes fixed fields off the front of bytes that are known to be enough.
class FixedFields {
 public:
  explicit FixedFields(std::string_view bytes) : bytes_(bytes) {}

  template <std::unsigned_integral Number>
  Number number() {
    return *parse_big_endian<Number>(take(sizeof(Number)));
  }

  template <class Value>
  Value raw() {
    Value value;
    std::ranges::copy(take(Value::kSize), reinterpret_cast<char*>(value.bytes.data()));
    return value;
  }

 private:
  std::string_view take(std::size_t count) {
    assert(bytes_.size() >= count);
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }

  std::string_view bytes_;
};

}  // namespace stockfold
