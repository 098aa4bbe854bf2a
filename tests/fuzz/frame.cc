// A stream of frames, at once and in pieces, compared with an independent reading of docs/PROTOCOL.md,
// "Frames".
#include "protocol/frame.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "fuzz/input.h"
#include "fuzz/targets.h"
#include "net/receive_buffer.h"

namespace stockfold {
namespace {

constexpr std::uint32_t kMost = 1'048'576;

constexpr std::array<std::uint32_t, 256> kCrcTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? crc >> 1U ^ 0xEDB88320U : crc >> 1U;
    table[i] = crc;
  }
  return table;
}();

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char byte : bytes) crc = crc >> 8U ^ kCrcTable[(crc ^ static_cast<std::uint8_t>(byte)) & 0xFFU];
  return ~crc;
}

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 4; i-- > 0;) number = number << 8U | static_cast<std::uint8_t>(bytes[at + i]);
  return number;
}

/// The result of a stream: its payloads, and then the name of an error, or nothing if more bytes are needed.
struct Read {
  std::vector<std::string> payloads;
  std::string error;
  friend bool operator==(const Read&, const Read&) = default;
};

Read as_documented(std::string_view stream) {
  Read read;
  const auto ended_by = [&read](std::string_view error) {
    read.error = error;
    return read;
  };
  while (stream.size() >= 8) {
    const std::uint32_t size = number_at(stream, 0);
    if (size == 0) return ended_by("an empty frame");
    if (size > kMost) return ended_by("a frame that is too large");
    if (stream.size() - 8 < size) return read;
    const std::string_view payload = stream.substr(8, size);
    if (crc32(payload) != number_at(stream, 4)) return ended_by("a frame whose checksum is wrong");
    read.payloads.emplace_back(payload);
    stream.remove_prefix(8 + size);
  }
  return read;
}

/// Takes all whole frames off the front. Returns false if the rest of the stream cannot be read.
bool take_all(std::string_view& stream, Read& read) {
  for (;;) {
    const std::string_view before = stream;
    const auto payload = take_frame(stream);
    if (!payload) {
      read.error = name_of(payload.error());
      return false;
    }
    if (!*payload) {
      require(stream == before, "nothing is taken where more bytes are needed");
      return true;
    }
    read.payloads.emplace_back(**payload);
    std::string again;
    append_frame(**payload, again);
    require(before.starts_with(again) && before.size() == again.size() + stream.size(),
            "a frame is written as it was read");
  }
}

/// In pieces, as a session reads.
Read in_pieces(std::string_view stream, std::size_t piece) {
  Read read;
  ReceiveBuffer buffer;
  while (!stream.empty()) {
    const auto room = buffer.room();
    const std::size_t count = std::min({piece, room.size(), stream.size()});
    std::copy_n(stream.begin(), count, room.begin());
    buffer.fill(count);
    stream.remove_prefix(count);
    std::string_view received = buffer.bytes();
    const std::size_t before = received.size();
    const bool goes_on = take_all(received, read);
    buffer.consume(before - received.size());
    if (!goes_on) break;
  }
  return read;
}

void make_checksums_right(std::string& stream) {
  for (std::size_t at = 0; at + 8 < stream.size();) {
    const std::size_t size = std::min<std::size_t>(number_at(stream, at), stream.size() - at - 8);
    put_little_endian(stream, at + 4, crc32(std::string_view(stream).substr(at + 8, size)), 4);
    at += 8 + size;
  }
}

}  // namespace

int fuzz_frame(const std::uint8_t* data, std::size_t size) {
  FuzzInput input(data, size);
  const std::uint8_t what = input.byte();
  std::string stream(input.rest());
  if ((what & 1U) != 0) make_checksums_right(stream);

  const Read expected = as_documented(stream);
  Read whole;
  std::string_view rest = stream;
  take_all(rest, whole);
  require(whole == expected, "a stream is read as docs/PROTOCOL.md says");
  require(in_pieces(stream, 1 + (what >> 1U)) == expected, "pieces are read as the whole is");
  return 0;
}

}  // namespace stockfold
