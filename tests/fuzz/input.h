// The input of a target, and corrected checksums: behind a wrong checksum no reader would read on.
#pragma once

#include <xxhash.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace stockfold {

/// The first bytes say what is done with the others. Past the end all bytes are zeros.
class FuzzInput {
 public:
  FuzzInput(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  /// The next `count` bytes, or as many as there are.
  std::string_view bytes(std::size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

inline std::uint64_t xxh3(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

/// Overwrites existing bytes of the buffer with a number.
inline void put_little_endian(std::string& bytes, std::size_t at, std::uint64_t number, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) bytes[at + i] = static_cast<char>(number >> (8 * i));
}
inline void put_big_endian(std::string& bytes, std::size_t at, std::uint64_t number) {
  for (std::size_t i = 0; i < 8; ++i) bytes[at + i] = static_cast<char>(number >> (56 - 8 * i));
}

/// Replaces the last 8 bytes, if there are that many, by the checksum of all bytes before them.
inline void seal_big_endian(std::string& bytes) {
  if (bytes.size() < 8) return;
  put_big_endian(bytes, bytes.size() - 8, xxh3(std::string_view(bytes).substr(0, bytes.size() - 8)));
}

}  // namespace stockfold
