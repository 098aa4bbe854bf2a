// Frames divide a stream of bytes into messages. docs/PROTOCOL.md, "Frames", has the format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace stockfold {

/// A frame is the payload's length (4 bytes, little-endian), the payload's CRC-32 as zlib and Ethernet have
/// it (4 bytes, little-endian), and the payload.
inline constexpr std::size_t kFrameHeaderBytes = 8;
/// The longest payload, in either direction.
inline constexpr std::size_t kMaxFrameBytes = 1U << 20;

/// Begins a frame at the end of `out` and returns its start. What the caller appends then is the payload, 1
/// to kMaxFrameBytes long. end_frame() fills in the header.
std::size_t begin_frame(std::string& out);
void end_frame(std::string& out, std::size_t start);

/// Appends a frame around `payload`, which is 1 to kMaxFrameBytes long.
void append_frame(std::string_view payload, std::string& out);

enum class FrameError : std::uint8_t { empty, too_large, bad_checksum };
[[nodiscard]] std::string_view name_of(FrameError error);

/// Removes the next whole frame from the front of `bytes` and returns its payload, which points into them.
/// Returns nothing if more bytes are needed. After an error the rest of the stream cannot be read.
std::expected<std::optional<std::string_view>, FrameError> take_frame(std::string_view& bytes);

}  // namespace stockfold
