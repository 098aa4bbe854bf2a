// A set of positions within one block of the log as bytes: a row of the view "order_index". The format is
// docs/DATA_FORMAT.md, "Rows".
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "core/numbers.h"

namespace stockfold {

/// A set of places 0 to kPlaces - 1. Place i of block b stands for position b * kPlaces + i. A row of a block
/// whose every place is in use takes some bytes, and none takes more than a bit a place and one byte.
class PositionBlock {
 public:
  static constexpr std::size_t kPlaces = 4'096;
  static constexpr std::uint64_t number_of(GlobalPosition position) { return position.value() / kPlaces; }
  static constexpr std::size_t place_of(GlobalPosition position) { return position.value() % kPlaces; }
  static constexpr GlobalPosition position_of(std::uint64_t number, std::size_t place) {
    return GlobalPosition(number * kPlaces + place);
  }

  /// The lowest place in the lowest bit of the first byte. At most kPlaces / 8 bytes; the rest is zeros.
  static PositionBlock of_bitmap(std::string_view bytes);
  /// Appends the first `size` of these bytes.
  void append_bitmap(std::string& bytes, std::size_t size) const;

  void add(std::size_t place) { words_[place / kWordBits] |= bit(place); }
  void remove(std::size_t place) { words_[place / kWordBits] &= ~bit(place); }
  [[nodiscard]] bool has(std::size_t place) const { return (words_[place / kWordBits] & bit(place)) != 0; }
  [[nodiscard]] bool empty() const;
  /// How many places from `begin` to before `end` are in the set.
  [[nodiscard]] std::size_t count(std::size_t begin, std::size_t end) const;
  /// Adds the places from `begin` to before `end`.
  void add_run(std::size_t begin, std::size_t end);
  /// The first place from `place` on that is not in the set; kPlaces if there is none.
  [[nodiscard]] std::size_t first_absent(std::size_t place) const;
  /// The first place of the set that is not below `place`, which may be kPlaces.
  [[nodiscard]] std::optional<std::size_t> first_from(std::size_t place) const;
  /// The last place of the set that is not above `place`.
  [[nodiscard]] std::optional<std::size_t> last_to(std::size_t place) const;

  friend bool operator==(const PositionBlock&, const PositionBlock&) = default;

 private:
  static constexpr std::size_t kWordBits = 64;
  static constexpr std::uint64_t bit(std::size_t place) { return std::uint64_t{1} << place % kWordBits; }

  std::array<std::uint64_t, kPlaces / kWordBits> words_{};
};

/// Replaces `bytes` by the shortest form of a block that is not empty.
void encode(const PositionBlock& block, std::string& bytes);
/// A block that is not empty. The error says what is wrong with the bytes.
std::expected<PositionBlock, std::string> decode_position_block(std::string_view bytes);

}  // namespace stockfold
