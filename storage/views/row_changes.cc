#include "storage/views/row_changes.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <limits>

namespace stockfold {
namespace {

constexpr std::size_t kWord = sizeof(std::uint64_t);

/// The bytes of `key` from `depth` on, as a number that sorts as they do. Missing bytes count as zeros.
std::uint64_t word_of(std::string_view key, std::size_t depth) {
  std::uint64_t word = 0;
  std::memcpy(&word, key.data() + depth, std::min(kWord, key.size() - depth));
  if constexpr (std::endian::native == std::endian::little) word = __builtin_bswap64(word);
  return word;
}

std::size_t common_prefix(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

}  // namespace

RowChanges::RowChanges(std::initializer_list<RowChange> changes) {
  for (const auto& [key, value] : changes) add(key, value.value_or(std::string_view()), !value);
}

void RowChanges::put(std::string_view key, std::string_view value) { add(key, value, false); }

void RowChanges::erase(std::string_view key) { add(key, {}, true); }

void RowChanges::clear() {
  bytes_.clear();
  places_.clear();
}

void RowChanges::add(std::string_view key, std::string_view value, bool erased) {
  assert(key.size() <= std::numeric_limits<std::uint16_t>::max());
  assert(value.size() <= std::numeric_limits<std::uint32_t>::max());
  places_.push_back({.word = 0,
                     .at = bytes_.size(),
                     .value_size = static_cast<std::uint32_t>(value.size()),
                     .key_size = static_cast<std::uint16_t>(key.size()),
                     .erased = erased});
  bytes_.append(key).append(value);
}

RowChange RowChanges::change_at(const Place& place) const {
  const std::string_view key = key_at(place);
  if (place.erased) return {key, std::nullopt};
  return {key, std::string_view(bytes_).substr(place.at + place.key_size, place.value_size)};
}

void RowChanges::sort() { sort(places_, 0); }

// Sorts by eight bytes at a time, as numbers, behind the prefix that all keys share. Ids of one client start
// alike, so comparing them as text would read every key from memory fifteen times. Keys with the same eight
// bytes are sorted by the next eight.
void RowChanges::sort(std::span<Place> places, std::size_t depth) const {
  if (places.size() < 2) return;
  std::string_view common = key_at(places.front()).substr(depth);
  for (const Place& place : places)
    common = common.substr(0, common_prefix(common, key_at(place).substr(depth)));
  depth += common.size();
  for (Place& place : places) place.word = word_of(key_at(place), depth);
  std::ranges::sort(places, [](const Place& a, const Place& b) {
    return a.word != b.word ? a.word < b.word : a.at < b.at;
  });

  const auto text_order = [&](const Place& a, const Place& b) {
    const auto order = key_at(a).substr(depth) <=> key_at(b).substr(depth);
    return order != 0 ? order < 0 : a.at < b.at;
  };
  const auto goes_on = [&](const Place& place) { return place.key_size > depth + kWord; };
  for (std::size_t begin = 0; begin < places.size();) {
    std::size_t end = begin + 1;
    while (end < places.size() && places[end].word == places[begin].word) ++end;
    const std::span<Place> alike = places.subspan(begin, end - begin);
    if (alike.size() > 1) {
      if (std::ranges::all_of(alike, goes_on)) {
        sort(alike, depth + kWord);
      } else {
        std::ranges::sort(alike, text_order);
      }
    }
    begin = end;
  }
}

}  // namespace stockfold
