// RocksDB's write-ahead files, with correct checksums whatever they hold.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "storage/rocksdb/wal.h"

namespace stockfold {

inline constexpr std::array<std::uint32_t, 256> kCrc32cTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? crc >> 1U ^ 0x82F63B78U : crc >> 1U;
    table[i] = crc;
  }
  return table;
}();

/// RocksDB's masked checksum: the CRC-32C, rotated, plus a constant, so that a CRC of CRCs stays safe.
inline std::uint32_t masked_crc32c(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char byte : bytes) {
    crc = crc >> 8U ^ kCrc32cTable[(crc ^ static_cast<std::uint8_t>(byte)) & 0xFFU];
  }
  crc = ~crc;
  return (crc >> 15U | crc << 17U) + 0xA282EAD8U;
}

/// Corrects the checksum of every fragment of a write-ahead file, up to the first that does not fit. A
/// fragment is a checksum, a size of two bytes, a type, and as many bytes.
inline void seal_fragments(std::string& file) {
  for (std::size_t at = 0; at + kFragmentHeaderSize <= file.size();) {
    const std::size_t size =
        static_cast<std::uint8_t>(file[at + 4]) | std::size_t{static_cast<std::uint8_t>(file[at + 5])} << 8U;
    const std::size_t end = at + kFragmentHeaderSize + size;
    if (end > file.size()) return;
    const std::uint32_t crc = masked_crc32c(std::string_view(file).substr(at + 6, size + 1));
    for (std::size_t i = 0; i < 4; ++i) file[at + i] = static_cast<char>(crc >> (8 * i));
    const std::size_t left = kWriteAheadBlockSize - end % kWriteAheadBlockSize;
    at = left < kFragmentHeaderSize ? end + left : end;
  }
}

}  // namespace stockfold
