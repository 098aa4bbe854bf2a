#include "storage/views/order_ids.h"

#include <array>
#include <cassert>
#include <charconv>
#include <utility>

#include "core/ids.h"
#include "storage/codec/bounded_archive.h"

namespace stockfold {
namespace {

/// The lowest two bits of an entry's first number; the others are a count.
enum class Kind : std::uint8_t {
  run = 0,   ///< So many numbers that follow each other; then the first of them.
  text = 1,  ///< An id of so many bytes.
  uuid = 2   ///< One id in the form of a UUID, in lower case: its 16 bytes.
};
constexpr unsigned kKindBits = 2;
constexpr std::size_t kUuidBytes = 16;

constexpr std::uint64_t head(Kind kind, std::size_t count) {
  return std::uint64_t{count} << kKindBits | std::to_underlying(kind);
}

void append_run(std::string& bytes, std::uint64_t first, std::size_t count) {
  append_number(bytes, head(Kind::run, count));
  append_number(bytes, first);
}

struct Entry {
  Kind kind = Kind::run;
  std::size_t ids = 1;
  std::uint64_t first = 0;  ///< Of a run.
  std::string_view bytes;   ///< Of a text or UUID.

  [[nodiscard]] std::string id(std::size_t index) const {
    if (kind == Kind::run) return std::to_string(first + index);
    if (kind == Kind::text) return std::string(bytes);
    std::array<std::uint8_t, kUuidBytes> uuid{};
    for (std::size_t i = 0; i < kUuidBytes; ++i) uuid[i] = static_cast<std::uint8_t>(bytes[i]);
    return to_uuid(uuid);
  }
};

Entry take_run(BoundedInput& archive, std::size_t count) {
  Entry entry{.ids = count};
  entry.first = archive.take_number(kMostIdNumber);
  if (count == 0 || entry.first == 0) archive.fail("a run of no numbers");
  return entry;
}

Entry take_entry(BoundedInput& archive) {
  const std::uint64_t first = archive.take_number(head(Kind::uuid, kIdPositions));
  const std::size_t count = first >> kKindBits;
  switch (static_cast<Kind>(first & ((1U << kKindBits) - 1))) {
    case Kind::run:
      return take_run(archive, count);
    case Kind::text:
      if (count == 0) archive.fail("an empty id");
      return {.kind = Kind::text, .bytes = archive.take_bytes(count)};
    case Kind::uuid:
      if (count != 1) archive.fail("not one id");
      return {.kind = Kind::uuid, .bytes = archive.take_bytes(kUuidBytes)};
  }
  archive.fail("an unknown kind of id");
  return {};
}

/// Calls `visit(entry, index of its first id)` until it returns false.
template <class Visit>
std::expected<void, std::string> for_each_entry(std::string_view row, const Visit& visit) {
  BoundedInput archive(row);
  archive.enter("order id");
  std::size_t index = 0;
  do {
    const Entry entry = take_entry(archive);
    if (archive.ok() && index + entry.ids > kIdPositions) archive.fail("more ids than a row holds");
    if (!archive.ok()) return std::unexpected(archive.error());
    if (!visit(entry, index)) return {};
    index += entry.ids;
  } while (!archive.rest().empty());
  return {};
}

}  // namespace

std::optional<std::uint64_t> order_number_in(std::string_view id) {
  if (id.empty() || id.front() == '0') return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (error != std::errc() || end != id.data() + id.size()) return std::nullopt;
  return number;
}

std::expected<OrderIds, std::string> OrderIds::decode(std::string_view bytes) {
  OrderIds ids;
  auto read = for_each_entry(bytes, [&](const Entry& entry, std::size_t) {
    if (entry.kind == Kind::run) {
      for (std::size_t i = 0; i < entry.ids; ++i) ids.add_number(entry.first + i);
    } else {
      ids.add_text(entry.id(0));
    }
    return true;
  });
  if (!read) return std::unexpected(std::move(read.error()));
  return ids;
}

void OrderIds::encode(std::string& bytes) const {
  assert(!empty());
  bytes = ended_;
  if (count_ > 0) append_run(bytes, first_, count_);
}

void OrderIds::add_number(std::uint64_t number) {
  if (count_ == 0 || number != first_ + count_) {
    if (count_ > 0) append_run(ended_, first_, count_);
    first_ = number;
    count_ = 0;
  }
  ++count_;
  ++size_;
  has_number_ = true;
}

void OrderIds::add_text(std::string_view id) {
  if (count_ > 0) append_run(ended_, first_, count_);
  count_ = 0;
  ++size_;
  const auto uuid = parse_uuid(id);
  if (uuid && to_uuid(*uuid) == id) {
    append_number(ended_, head(Kind::uuid, 1));
    ended_.append(reinterpret_cast<const char*>(uuid->data()), uuid->size());
  } else {
    append_number(ended_, head(Kind::text, id.size()));
    ended_.append(id);
  }
}

std::expected<std::string, std::string> order_id_at(std::string_view row, std::size_t index) {
  std::string id;
  const auto read = for_each_entry(row, [&](const Entry& entry, std::size_t at) {
    if (index >= at + entry.ids) return true;
    id = entry.id(index - at);
    return false;
  });
  if (!read) return std::unexpected(read.error());
  if (id.empty()) return std::unexpected("fewer ids than orders");
  return id;
}

std::expected<std::optional<std::size_t>, std::string> index_of_number(std::string_view row,
                                                                       std::uint64_t number) {
  std::optional<std::size_t> index;
  const auto read = for_each_entry(row, [&](const Entry& entry, std::size_t at) {
    if (entry.kind != Kind::run || number < entry.first || number - entry.first >= entry.ids) return true;
    index = at + (number - entry.first);
    return false;
  });
  if (!read) return std::unexpected(read.error());
  return index;
}

}  // namespace stockfold
