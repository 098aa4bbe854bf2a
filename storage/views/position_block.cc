#include "storage/views/position_block.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "storage/codec/bounded_archive.h"

namespace stockfold {
namespace {

/// The first byte of a row.
enum class BlockForm : std::uint8_t {
  runs = 1,  ///< Places that are absent, places that are there, absent again, and so on: counts.
  bitmap =
      2  ///< The lowest place in the lowest bit of the first byte; bytes of zeros at the end are left out.
};

constexpr std::size_t kPlaces = PositionBlock::kPlaces;
constexpr std::size_t kByteBits = 8;

void append_runs(const PositionBlock& block, std::string& bytes) {
  std::size_t end = 0;  // of the run before
  while (const auto begin = block.first_from(end)) {
    append_number(bytes, *begin - end);
    end = block.first_absent(*begin);
    append_number(bytes, end - *begin);
  }
}

void take_runs(BoundedInput& archive, PositionBlock& block) {
  std::size_t place = 0;
  while (archive.ok() && !archive.rest().empty()) {
    const std::size_t absent = archive.take_number(kPlaces - place);
    if (archive.ok() && absent == 0 && place > 0) archive.fail("runs that meet");
    place += absent;
    const std::size_t end = place + archive.take_number(kPlaces - place);
    if (archive.ok() && end == place) archive.fail("an empty run");
    block.add_run(place, end);
    place = end;
  }
}

void take_bitmap(BoundedInput& archive, PositionBlock& block) {
  const std::string_view bytes = archive.take_bytes(archive.rest().size());
  if (bytes.size() > kPlaces / kByteBits || bytes.empty() || bytes.back() == 0) {
    return archive.fail("not the size of a bitmap");
  }
  block = PositionBlock::of_bitmap(bytes);
}

}  // namespace

PositionBlock PositionBlock::of_bitmap(std::string_view bytes) {
  PositionBlock block;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::uint64_t byte = static_cast<std::uint8_t>(bytes[i]);
    block.words_[i / sizeof(byte)] |= byte << i % sizeof(byte) * kByteBits;
  }
  return block;
}

void PositionBlock::append_bitmap(std::string& bytes, std::size_t size) const {
  for (std::size_t i = 0; i < size; ++i) {
    const std::uint64_t word = words_[i / sizeof(std::uint64_t)];
    bytes.push_back(static_cast<char>(word >> i % sizeof(word) * kByteBits));
  }
}

void PositionBlock::add_run(std::size_t begin, std::size_t end) {
  while (begin < end) {
    const std::size_t first = begin % kWordBits;
    const std::size_t places = std::min(kWordBits - first, end - begin);
    const std::uint64_t ones = ~std::uint64_t{0} >> (kWordBits - places);
    words_[begin / kWordBits] |= ones << first;
    begin += places;
  }
}

std::size_t PositionBlock::first_absent(std::size_t place) const {
  while (place < kPlaces) {
    const std::uint64_t absent = ~words_[place / kWordBits] >> place % kWordBits;
    if (absent != 0) return place + static_cast<std::size_t>(std::countr_zero(absent));
    place += kWordBits - place % kWordBits;
  }
  return kPlaces;
}

bool PositionBlock::empty() const {
  std::uint64_t any = 0;
  for (const std::uint64_t word : words_) any |= word;
  return any == 0;
}

std::size_t PositionBlock::count(std::size_t begin, std::size_t end) const {
  std::size_t found = 0;
  while (begin < end) {
    const std::size_t first = begin % kWordBits;
    const std::size_t places = std::min(kWordBits - first, end - begin);
    const std::uint64_t word = words_[begin / kWordBits] >> first;
    const std::uint64_t counted = places == kWordBits ? word : word & ((std::uint64_t{1} << places) - 1);
    found += static_cast<std::size_t>(std::popcount(counted));
    begin += places;
  }
  return found;
}

std::optional<std::size_t> PositionBlock::first_from(std::size_t place) const {
  while (place < kPlaces) {
    const std::uint64_t word = words_[place / kWordBits] >> place % kWordBits;
    if (word != 0) return place + static_cast<std::size_t>(std::countr_zero(word));
    place += kWordBits - place % kWordBits;
  }
  return std::nullopt;
}

std::optional<std::size_t> PositionBlock::last_to(std::size_t place) const {
  assert(place < kPlaces);
  for (std::size_t left = place + 1; left > 0;) {
    const std::size_t last = (left - 1) % kWordBits;
    const std::uint64_t word = words_[(left - 1) / kWordBits] << (kWordBits - 1 - last);
    if (word != 0) return left - 1 - static_cast<std::size_t>(std::countl_zero(word));
    left -= last + 1;
  }
  return std::nullopt;
}

void encode(const PositionBlock& block, std::string& bytes) {
  assert(!block.empty());
  bytes.assign(1, static_cast<char>(BlockForm::runs));
  append_runs(block, bytes);
  const std::size_t bitmap_size = *block.last_to(kPlaces - 1) / kByteBits + 1;
  if (bytes.size() <= 1 + bitmap_size) return;
  bytes.assign(1, static_cast<char>(BlockForm::bitmap));
  block.append_bitmap(bytes, bitmap_size);
}

std::expected<PositionBlock, std::string> decode_position_block(std::string_view bytes) {
  PositionBlock block;
  BoundedInput archive(bytes);
  archive.enter("block");
  const std::string_view form = archive.take_bytes(1);
  if (form == std::string_view("\1", 1)) {
    take_runs(archive, block);
  } else if (form == std::string_view("\2", 1)) {
    take_bitmap(archive, block);
  } else {
    archive.fail("an unknown form");
  }
  if (archive.ok() && block.empty()) archive.fail("no position");
  if (!archive.ok()) return std::unexpected(archive.error());
  return block;
}

}  // namespace stockfold
