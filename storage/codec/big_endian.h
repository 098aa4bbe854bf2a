// Numbers as bytes, the highest byte first, so that byte order is number order; and records of such fields.
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

/// Empty if the number of `bytes` is not exactly sizeof(Number).
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

/// Reads fixed fields from the front of `bytes`. The caller has checked that there are enough bytes.
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
