// Numbers as bytes, the lowest byte first: in commit records, frames, and the files of RocksDB.
#pragma once

#include <cassert>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace stockfold {

/// Writes sizeof(Number) bytes to `out`.
template <std::unsigned_integral Number>
void put_little_endian(Number number, char* out) {
  for (std::size_t i = 0; i < sizeof(Number); ++i) out[i] = static_cast<char>(number >> (8 * i));
}

/// Reads the number at the front of `bytes`, which has at least sizeof(Number) bytes.
template <std::unsigned_integral Number>
Number get_little_endian(std::string_view bytes) {
  assert(bytes.size() >= sizeof(Number));
  std::uint64_t number = 0;
  for (std::size_t i = sizeof(Number); i-- > 0;) number = number << 8 | static_cast<std::uint8_t>(bytes[i]);
  return static_cast<Number>(number);
}

}  // namespace stockfold
