// Damage to the bytes of one file of a store, as by a disk, a file system or a careless user.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mutations/sample_stores.h"
#include "tools/load/random.h"

namespace stockfold {

enum class Harm : std::uint8_t {
  bit_flipped,
  byte_set,
  cut,       ///< The file ends at a byte.
  zeroed,    ///< A stretch is zeros.
  appended,  ///< Bytes are appended after its end.
  swapped,   ///< Two stretches have changed places.
  missing,
  older,  ///< The file is replaced by an earlier version of itself.
};
std::string_view name_of(Harm harm);

struct ByteDamage {
  std::string file;  ///< Path below the directory of the store.
  Harm harm = Harm::bit_flipped;
  std::size_t at = 0;
  std::size_t other = 0;   ///< swapped: the second stretch.
  std::size_t size = 0;    ///< Of a stretch, or of what is appended.
  std::uint8_t value = 0;  ///< The bits that are flipped, or the byte that is set or appended.
  friend bool operator==(const ByteDamage&, const ByteDamage&) = default;
};
/// "log/000012.log: bit flipped at 7 (4)".
std::string text_of(const ByteDamage& damage);

/// Bytes by the name of their file, below the directory of the store.
using Files = std::map<std::string, std::string>;
Files read_files(const std::filesystem::path& dir);

/// The file's bytes after the damage; nothing if the file is removed.
std::optional<std::string> damaged(const std::string& bytes, const std::optional<std::string>& older,
                                   const ByteDamage& damage);

/// Whether the result could be the file of a sound store that ended earlier.
bool is_plausible(Harm harm);

/// The kind of a file, for the tables of results: "log write-ahead", "views table", "head.key".
std::string kind_of_file(std::string_view file);

/// Damage to every byte of every file. In the log's files: every bit flipped, every byte set to 00 and FF,
/// and every length. In the others: one bit, one of the two values, and every eighth length; in files that
/// opening never reads, some bytes. In addition some stretches of each file are zeroed and swapped, bytes are
/// appended, and the file is removed or replaced by an earlier version. Files of views that have the same
/// bytes in `done` are left out.
std::vector<ByteDamage> every_damage(const Files& files, const Files& older, const Files& done,
                                     Random& random);

/// `count` places of the files, larger files more often, each damaged in one of the ways.
std::vector<ByteDamage> any_damage(const Files& files, const Files& older, std::size_t count, Random& random);

}  // namespace stockfold
