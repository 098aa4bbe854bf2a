#include "protocol/frame.h"

#include <libdeflate.h>

#include <cassert>

#include "storage/codec/little_endian.h"

namespace stockfold {
namespace {

std::uint32_t checksum_of(std::string_view payload) {
  return libdeflate_crc32(0, payload.data(),
                          payload.size());  // for short frames, three times as fast as zlib
}

}  // namespace

std::size_t begin_frame(std::string& out) {
  const std::size_t start = out.size();
  out.append(kFrameHeaderBytes, '\0');
  return start;
}

void end_frame(std::string& out, std::size_t start) {
  assert(start + kFrameHeaderBytes < out.size());
  const std::string_view payload = std::string_view(out).substr(start + kFrameHeaderBytes);
  assert(payload.size() <= kMaxFrameBytes);
  put_little_endian(static_cast<std::uint32_t>(payload.size()), &out[start]);
  put_little_endian(checksum_of(payload), &out[start + 4]);
}

void append_frame(std::string_view payload, std::string& out) {
  const std::size_t start = begin_frame(out);
  out.append(payload);
  end_frame(out, start);
}

std::string_view name_of(FrameError error) {
  switch (error) {
    case FrameError::empty:
      return "an empty frame";
    case FrameError::too_large:
      return "a frame that is too large";
    case FrameError::bad_checksum:
      return "a frame whose checksum is wrong";
  }
  return "?";
}

std::expected<std::optional<std::string_view>, FrameError> take_frame(std::string_view& bytes) {
  if (bytes.size() < kFrameHeaderBytes) return std::nullopt;
  const std::size_t size = get_little_endian<std::uint32_t>(bytes);
  if (size == 0) return std::unexpected(FrameError::empty);
  if (size > kMaxFrameBytes) return std::unexpected(FrameError::too_large);
  if (bytes.size() - kFrameHeaderBytes < size) return std::nullopt;

  const std::string_view payload = bytes.substr(kFrameHeaderBytes, size);
  if (get_little_endian<std::uint32_t>(bytes.substr(4)) != checksum_of(payload))
    return std::unexpected(FrameError::bad_checksum);
  bytes.remove_prefix(kFrameHeaderBytes + size);
  return payload;
}

}  // namespace stockfold
