#include "core/ids.h"

#include <algorithm>
#include <span>
#include <utility>

#include "core/utf8.h"

namespace stockfold {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::size_t kUuidChars = 36;
constexpr std::string_view kOrderPrefix = "order/";
constexpr std::string_view kProductPrefix = "product/";

void append_hex(std::string& text, std::uint8_t byte) {
  text += kDigits[byte >> 4U];
  text += kDigits[byte & 0xFU];
}

constexpr bool dash_before(std::size_t byte) { return byte == 4 || byte == 6 || byte == 8 || byte == 10; }

std::optional<std::uint8_t> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

/// Whether UTF-8 has a control character of C0, DEL or C1. Those of C1 are U+0080 to U+009F: 0xC2, then their
/// number.
bool has_control(std::string_view text) {
  bool behind_c2 = false;
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte < 0x20 || byte == 0x7F || (behind_c2 && byte < 0xA0)) return true;
    behind_c2 = byte == 0xC2;
  }
  return false;
}

template <class Id>
std::optional<StreamId> stream_of(std::string_view id) {
  return Id::parse(id).transform([](const Id& parsed) { return StreamId::of(parsed); });
}

}  // namespace

bool is_identifier(std::string_view text) {
  if (text.empty() || text.size() > Sku::kMaxBytes) return false;
  if (text.front() == ' ' || text.back() == ' ') return false;
  return is_utf8(text) && !has_control(text);
}

std::string to_uuid(const std::array<std::uint8_t, 16>& bytes) {
  std::string text;
  text.reserve(kUuidChars);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (dash_before(i)) text += '-';
    append_hex(text, bytes[i]);
  }
  return text;
}

std::optional<std::array<std::uint8_t, 16>> parse_uuid(std::string_view text) {
  if (text.size() != kUuidChars) return std::nullopt;
  std::array<std::uint8_t, 16> bytes{};
  std::size_t at = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (dash_before(i) && text[at++] != '-') return std::nullopt;
    const auto high = digit(text[at++]);
    const auto low = digit(text[at++]);
    if (!high || !low) return std::nullopt;
    bytes[i] = static_cast<std::uint8_t>(*high << 4U | *low);
  }
  return bytes;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) append_hex(text, byte);
  return text;
}

std::optional<std::string> never_drawn(const CommandId& id) {
  const auto all = [&id](std::uint8_t byte) {
    return std::ranges::all_of(id.bytes, [byte](std::uint8_t one) { return one == byte; });
  };
  if (all(0x00)) return "an id of all zeros was never drawn";
  if (all(0xFF)) return "an id of all ones was never drawn";
  return std::nullopt;
}

std::optional<StreamId> StreamId::parse(std::string_view text) {
  if (text.starts_with(kOrderPrefix)) return stream_of<OrderId>(text.substr(kOrderPrefix.size()));
  if (text.starts_with(kProductPrefix)) return stream_of<Sku>(text.substr(kProductPrefix.size()));
  return std::nullopt;
}

std::string StreamId::str() const {
  return std::string(kind == AggregateKind::order ? kOrderPrefix : kProductPrefix) + id;
}

}  // namespace stockfold
