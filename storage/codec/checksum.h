// The checksum of what is stored: XXH3-64 (docs/DATA_FORMAT.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stockfold {

inline constexpr std::size_t kChecksumSize = sizeof(std::uint64_t);

[[nodiscard]] std::uint64_t checksum_of(std::string_view bytes);

/// Appends the checksum of all that is in `bytes`, big-endian.
void append_checksum(std::string& bytes);

/// What stands before the checksum that append_checksum() appended; empty where it is another one, or none.
[[nodiscard]] std::optional<std::string_view> without_checksum(std::string_view bytes);

}  // namespace stockfold
