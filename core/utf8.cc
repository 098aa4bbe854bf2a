#include "core/utf8.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace stockfold {
namespace {

/// A lead byte's sequence: how long it is, and between what its second byte must lie. Length 0: no lead byte.
struct Sequence {
  std::size_t length = 0;
  std::uint8_t lowest = 0x80;
  std::uint8_t highest = 0xBF;
};

constexpr Sequence sequence_of(std::uint8_t lead) {
  if (lead < 0x80) return {1};
  if (lead < 0xC2) return {};  // a continuation, or a long form of ASCII
  if (lead < 0xE0) return {2};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};  // below: a long form
  if (lead == 0xED) return {3, 0x80, 0x9F};  // above: a surrogate
  if (lead < 0xF0) return {3};
  if (lead == 0xF0) return {4, 0x90, 0xBF};  // below: a long form
  if (lead < 0xF4) return {4};
  if (lead == 0xF4) return {4, 0x80, 0x8F};  // above: beyond U+10FFFF
  return {};
}

constexpr bool is_continuation(char c) { return (static_cast<std::uint8_t>(c) & 0xC0U) == 0x80; }

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const Sequence sequence = sequence_of(static_cast<std::uint8_t>(text[0]));
    if (sequence.length == 0 || text.size() < sequence.length) return false;
    if (sequence.length > 1) {
      const auto second = static_cast<std::uint8_t>(text[1]);
      if (second < sequence.lowest || second > sequence.highest) return false;
      if (!std::ranges::all_of(text.substr(2, sequence.length - 2), is_continuation)) return false;
    }
    text.remove_prefix(sequence.length);
  }
  return true;
}

}  // namespace stockfold
