#include "projections/audit/repeated_keys.h"

#include <xxhash.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>

#include "storage/codec/sha256.h"
#include "storage/files/durable_directory.h"

namespace stockfold {

RepeatedKeys::RepeatedKeys(std::filesystem::path scratch, std::string_view name, std::size_t memory_bytes)
    : scratch_(std::move(scratch)),
      name_(name),
      capacity_(std::max<std::size_t>(memory_bytes / sizeof(Entry), 1)) {
  static_assert(sizeof secret_ >= XXH3_SECRET_SIZE_MIN);
  draw_random(secret_);
}

RepeatedKeys::~RepeatedKeys() {
  std::error_code ignored;  // the owner of the directory removes what is left
  for (std::size_t number = 0; spilled_ && number < kFiles; ++number) {
    std::filesystem::remove(file(number), ignored);
  }
}

Result<void> RepeatedKeys::add(std::string_view key, GlobalPosition position, std::string_view owner) {
  if (entries_.size() == capacity_) {
    if (auto spilled = spill(); !spilled) return spilled;
  }
  const XXH128_hash_t hash = XXH3_128bits_withSecret(key.data(), key.size(), secret_.data(), secret_.size());
  std::uint64_t owned = 0;
  if (!owner.empty()) {
    owned = XXH3_64bits_withSecret(owner.data(), owner.size(), secret_.data(), secret_.size()) | 1U;
  }
  entries_.push_back({hash.high64, hash.low64, owned, position.value()});
  ++size_;
  return {};
}

/// Sorts the entries.
std::optional<RepeatedKeys::Repetition> RepeatedKeys::find_repetition(Entries& entries) {
  std::optional<Repetition> found;
  std::ranges::sort(entries, {}, [](const Entry& entry) {
    return std::tuple(entry.high, entry.low, entry.owner, entry.position);
  });
  const Entry* ownerless = nullptr;  // the entry of the present key, if it has no owner
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Entry& entry = entries[i];
    const Entry* before = i == 0 ? nullptr : &entries[i - 1];
    if (before != nullptr && (before->high != entry.high || before->low != entry.low)) before = nullptr;
    if (before == nullptr) ownerless = entry.owner == 0 ? &entry : nullptr;
    if (before != nullptr && before->owner != entry.owner) before = ownerless;
    if (before == nullptr) continue;
    const auto [first, again] = std::minmax(before->position, entry.position);
    const Repetition here{GlobalPosition(first), GlobalPosition(again)};
    const bool is_earlier = !found || std::tie(here.again, here.first) < std::tie(found->again, found->first);
    if (is_earlier) found = here;
  }
  return found;
}

Result<std::optional<RepeatedKeys::Repetition>> RepeatedKeys::finish() {
  if (!spilled_) return find_repetition(entries_);
  if (auto spilled = spill(); !spilled) return std::unexpected(std::move(spilled.error()));
  std::optional<Repetition> found;
  for (std::size_t number = 0; number < kFiles; ++number) {
    auto entries = read_back(number);
    if (!entries) return std::unexpected(std::move(entries.error()));
    const auto here = find_repetition(*entries);
    if (here && (!found || here->again < found->again)) found = here;
  }
  return found;
}

std::filesystem::path RepeatedKeys::file(std::size_t number) const {
  return scratch_ / (name_ + "." + std::to_string(number));
}

Result<void> RepeatedKeys::spill() {
  spilled_ = true;
  const auto file_of = [](const Entry& entry) { return entry.high >> 56U; };
  std::ranges::sort(entries_, {}, file_of);
  for (auto begin = entries_.begin(); begin != entries_.end();) {
    const auto number = file_of(*begin);
    const auto end =
        std::find_if(begin, entries_.end(), [&](const Entry& e) { return file_of(e) != number; });
    std::ofstream out(file(number), std::ios::binary | std::ios::app);
    out.write(reinterpret_cast<const char*>(&*begin), (end - begin) * std::ptrdiff_t{sizeof(Entry)});
    if (!out.flush()) return std::unexpected(io_fault("writing", file(number)));
    begin = end;
  }
  entries_.clear();
  return {};
}

Result<RepeatedKeys::Entries> RepeatedKeys::read_back(std::size_t number) const {
  std::error_code error;
  if (!std::filesystem::exists(file(number), error)) return Entries();
  const std::uintmax_t bytes = std::filesystem::file_size(file(number), error);
  if (error) return std::unexpected(io_fault("reading", file(number), error));
  Entries entries(bytes / sizeof(Entry));
  std::ifstream in(file(number), std::ios::binary);
  if (!in.read(reinterpret_cast<char*>(entries.data()),
               static_cast<std::streamsize>(entries.size() * sizeof(Entry)))) {
    return std::unexpected(io_fault("reading", file(number)));
  }
  return entries;
}

}  // namespace stockfold
