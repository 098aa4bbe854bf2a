// Texts of ids, for properties.
#pragma once

#include <rapidcheck.h>

#include <cstddef>
#include <string>
#include <vector>

#include "core/ids.h"

namespace stockfold::any {

/// The text of an id of a command: 1 to 128 bytes, in NFC, with a blank neither in front nor at the end, and
/// not of dots alone. Half of them are short.
inline std::string id_text() {
  static const std::vector<std::string> kPieces = {"A",
                                                   "B",
                                                   "C",
                                                   "X",
                                                   "a",
                                                   "b",
                                                   "z",
                                                   "0",
                                                   "1",
                                                   "9",
                                                   ".",
                                                   "_",
                                                   ":",
                                                   "-",
                                                   " ",
                                                   "/",
                                                   "#",
                                                   "+",
                                                   "&",
                                                   "=",
                                                   "%",
                                                   "@",
                                                   "\"",
                                                   "\\",
                                                   ",",
                                                   "\xC3\xBC",
                                                   "\xC3\x9F",
                                                   "\xE2\x82\xAC",
                                                   "\xF0\x9F\x91\x95"};
  const auto most = *rc::gen::element<std::size_t>(1, 12, 31, Sku::kMaxBytes);
  const auto size = *rc::gen::inRange<std::size_t>(1, most + 1);
  std::string text;
  while (text.size() < size) {
    const std::string piece = *rc::gen::elementOf(kPieces);
    if (text.size() + piece.size() > Sku::kMaxBytes) break;
    text += piece;
  }
  if (text.front() == ' ') text.front() = 'x';
  if (text.back() == ' ') text.back() = 'x';
  return text.find_first_not_of('.') == std::string::npos ? "x" : text;
}

}  // namespace stockfold::any
