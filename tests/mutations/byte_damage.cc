#include "mutations/byte_damage.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace stockfold {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kStretch = 512;  // what disks write as one
constexpr std::uint32_t kHarms = 8;

std::uint32_t bound(std::size_t size) { return static_cast<std::uint32_t>(size); }

/// One place of a file, damaged in this way. Empty files can only grow or disappear.
ByteDamage draw(const std::string& file, const std::string& bytes, Harm harm, Random& random) {
  ByteDamage damage{.file = file, .harm = harm};
  if (!bytes.empty()) damage.at = random.below(bound(bytes.size()));
  switch (harm) {
    case Harm::bit_flipped:
      damage.value = static_cast<std::uint8_t>(1U << random.below(8));
      break;
    case Harm::byte_set:
      damage.value = random.below(2) == 0 ? 0x00 : 0xFF;
      break;
    case Harm::zeroed:
      damage.size = 1 + random.below(2 * kStretch);
      break;
    case Harm::swapped:
      damage.at -= damage.at % kStretch;
      damage.other = random.below(bound(bytes.size()));
      damage.other -= damage.other % kStretch;
      damage.size = kStretch;
      break;
    case Harm::appended:
      damage.at = bytes.size();
      damage.size = 1 + random.below(2 * kStretch);
      damage.value = static_cast<std::uint8_t>(random.below(256));
      break;
    case Harm::cut:
    case Harm::missing:
    case Harm::older:
      break;
  }
  return damage;
}

bool is_empty_lock(const std::string& file) { return file.ends_with("LOCK"); }

/// If head.key is missing, the next start makes another key, as for a new ledger: that damage cannot be
/// detected.
bool may_go(const std::string& file) { return file != "head.key"; }

/// Opening never reads these files, and they are larger than all others: a sample of their bytes is enough.
bool is_unread(const std::string& file) { return file.find("OPTIONS") != std::string::npos; }

void add_every_byte(const std::string& file, const std::string& bytes, Random& random,
                    std::vector<ByteDamage>& all) {
  const bool is_whole = file.starts_with("log/") && !is_unread(file);
  const std::size_t step = is_unread(file) ? 128 : 1;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    const std::uint32_t chosen = random.below(8);
    for (std::uint32_t bit = 0; bit < 8; ++bit) {
      if (!is_whole && bit != chosen) continue;
      const auto value = static_cast<std::uint8_t>(1U << bit);
      all.push_back({.file = file, .harm = Harm::bit_flipped, .at = at, .value = value});
    }
    const auto extreme = static_cast<std::uint8_t>(random.below(2) == 0 ? 0x00 : 0xFF);
    all.push_back({.file = file, .harm = Harm::byte_set, .at = at, .value = extreme});
    if (is_whole) {
      all.push_back(
          {.file = file, .harm = Harm::byte_set, .at = at, .value = static_cast<std::uint8_t>(~extreme)});
    }
    if (is_whole || at % 8 == 0) all.push_back({.file = file, .harm = Harm::cut, .at = at});
  }
}

}  // namespace

std::string_view name_of(Harm harm) {
  switch (harm) {
    case Harm::bit_flipped:
      return "bit flipped";
    case Harm::byte_set:
      return "byte set";
    case Harm::cut:
      return "cut";
    case Harm::zeroed:
      return "zeroed";
    case Harm::appended:
      return "appended";
    case Harm::swapped:
      return "swapped";
    case Harm::missing:
      return "missing";
    case Harm::older:
      return "older file";
  }
  return "?";
}

std::string text_of(const ByteDamage& damage) {
  std::string text =
      damage.file + ": " + std::string(name_of(damage.harm)) + " at " + std::to_string(damage.at);
  if (damage.size > 0) text += ", " + std::to_string(damage.size) + " bytes";
  if (damage.harm == Harm::swapped) text += ", with " + std::to_string(damage.other);
  return text + " (" + std::to_string(damage.value) + ")";
}

Files read_files(const fs::path& dir) {
  Files files;
  for (const auto& entry : fs::recursive_directory_iterator(dir)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    files[entry.path().lexically_relative(dir).generic_string()] =
        std::string(std::istreambuf_iterator<char>(in), {});
  }
  return files;
}

std::optional<std::string> damaged(const std::string& bytes, const std::optional<std::string>& older,
                                   const ByteDamage& damage) {
  std::string changed = bytes;
  switch (damage.harm) {
    case Harm::bit_flipped:
      changed[damage.at] = static_cast<char>(changed[damage.at] ^ static_cast<char>(damage.value));
      return changed;
    case Harm::byte_set:
      changed[damage.at] = static_cast<char>(damage.value);
      return changed;
    case Harm::cut:
      changed.resize(damage.at);
      return changed;
    case Harm::zeroed:
      std::fill_n(changed.begin() + static_cast<std::ptrdiff_t>(damage.at),
                  std::min(damage.size, changed.size() - damage.at), '\0');
      return changed;
    case Harm::appended:
      return changed.append(damage.size, static_cast<char>(damage.value));
    case Harm::swapped: {
      const std::size_t size = std::min(damage.size, bytes.size() - std::max(damage.at, damage.other));
      changed.replace(damage.at, size, bytes.substr(damage.other, size));
      changed.replace(damage.other, size, bytes.substr(damage.at, size));
      return changed;
    }
    case Harm::missing:
      return std::nullopt;
    case Harm::older:
      return older;
  }
  return changed;
}

bool is_plausible(Harm harm) { return harm == Harm::cut || harm == Harm::missing || harm == Harm::older; }

std::string kind_of_file(std::string_view file) {
  const std::size_t slash = file.find('/');
  if (slash == std::string_view::npos) return std::string(file);
  const std::string_view name = file.substr(slash + 1);
  std::string kind(file.substr(0, slash + 1));
  kind.back() = ' ';
  if (name.ends_with(".log")) return kind + "write-ahead";
  if (name.ends_with(".sst")) return kind + "table";
  return kind.append(name.substr(0, name.find('-')));
}

std::vector<ByteDamage> every_damage(const Files& files, const Files& older, const Files& done,
                                     Random& random) {
  std::vector<ByteDamage> all;
  for (const auto& [file, bytes] : files) {
    const auto same = done.find(file);
    const bool is_of_views =
        file.starts_with("views/");  // for the log's files the result depends on what the views saw
    if (is_of_views && same != done.end() && same->second == bytes) continue;
    add_every_byte(file, bytes, random, all);
    const std::size_t stretches = bytes.size() / kStretch + 4;
    for (const Harm harm : {Harm::zeroed, Harm::swapped}) {
      for (std::size_t i = 0; i < stretches && !bytes.empty(); ++i)
        all.push_back(draw(file, bytes, harm, random));
    }
    for (int i = 0; i < 4; ++i) all.push_back(draw(file, bytes, Harm::appended, random));
    if (may_go(file)) all.push_back({.file = file, .harm = Harm::missing});
    const auto earlier = older.find(file);
    if (earlier != older.end() && earlier->second != bytes)
      all.push_back({.file = file, .harm = Harm::older});
  }
  return all;
}

std::vector<ByteDamage> any_damage(const Files& files, const Files& older, std::size_t count,
                                   Random& random) {
  std::size_t total = 0;
  for (const auto& [file, bytes] : files) total += bytes.size();
  std::vector<ByteDamage> all;
  while (all.size() < count) {
    // By size, but the small files, on which all others depend, get their turn as well.
    auto file = std::next(files.begin(), random.below(bound(files.size())));
    if (random.below(2) == 0) {
      std::size_t place = random.below(bound(total));
      for (file = files.begin(); place >= file->second.size(); ++file) place -= file->second.size();
    }
    const auto harm = static_cast<Harm>(random.below(kHarms));
    if (file->second.empty() || is_empty_lock(file->first)) continue;
    if (harm == Harm::missing && !may_go(file->first)) continue;
    const auto earlier = older.find(file->first);
    if (harm == Harm::older && (earlier == older.end() || earlier->second == file->second)) continue;
    all.push_back(draw(file->first, file->second, harm, random));
  }
  return all;
}

}  // namespace stockfold
