// Frames: how messages are cut out of a stream of bytes. The format is docs/PROTOCOL.md, "Frames".
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace stockfold {

/// A frame is its payload's length (4 bytes, little-endian), the payload's CRC-32 (4 bytes, little-endian;
/// the one of zlib and Ethernet), the payload.
inline constexpr std::size_t kFrameHeaderBytes = 8;
/// Of a payload, in either direction.
inline constexpr std::size_t kMaxFrameBytes = 1U << 20;

/// Begins a frame at the end of `out` and returns where. What is appended from then on is its payload, 1 to
/// kMaxFrameBytes long, until end_frame() fills in the header.
std::size_t begin_frame(std::string& out);
void end_frame(std::string& out, std::size_t start);

/// Appends a frame around `payload`, which is 1 to kMaxFrameBytes long.
void append_frame(std::string_view payload, std::string& out);

enum class FrameError : std::uint8_t { empty, too_large, bad_checksum };
[[nodiscard]] std::string_view name_of(FrameError error);

/// Takes the next whole frame off the front of `bytes` and returns its payload, which points into them.
/// Nothing where more bytes are needed. After an error the stream cannot be read on.
std::expected<std::optional<std::string_view>, FrameError> take_frame(std::string_view& bytes);

}  // namespace stockfold
