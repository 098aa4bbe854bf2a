// SHA-256 and random bytes, without a word of the library that makes them.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace stockfold {

using Sha256Digest = std::array<std::uint8_t, 32>;

/// Any thread.
[[nodiscard]] Sha256Digest sha256(std::string_view bytes);

/// Fills `out` from the system's random source. Any thread.
void draw_random(std::span<std::uint8_t> out);

}  // namespace stockfold
