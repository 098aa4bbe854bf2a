// The checksum of stored bytes: XXH3-64 (docs/DATA_FORMAT.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stockfold {

inline constexpr std::size_t kChecksumSize = sizeof(std::uint64_t);

[[nodiscard]] std::uint64_t checksum_of(std::string_view bytes);

/// Appends the checksum of `bytes`, big-endian.
void append_checksum(std::string& bytes);

/// Returns the bytes before the checksum that append_checksum() appended. Empty if it is missing or wrong.
[[nodiscard]] std::optional<std::string_view> without_checksum(std::string_view bytes);

}  // namespace stockfold
