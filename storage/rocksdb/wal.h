// What RocksDB's write-ahead files hold, whether RocksDB can still read it or not.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/fault.h"
#include "core/numbers.h"
#include "storage/log/commit_record.h"

namespace stockfold {

/// A file is a row of blocks, a block one of fragments, a fragment a header and a record or a part of one.
/// What is left of a block when no header fits is not used.
inline constexpr std::size_t kWriteAheadBlockSize = 32'768;
inline constexpr std::size_t kFragmentHeaderSize = 7;

/// Those in `dir`, in the order in which they were written.
Result<std::vector<std::filesystem::path>> write_ahead_files(const std::filesystem::path& dir);

/// Corruption where the newest write-ahead file of the database in `dir` is gone, with all that it held.
/// RocksDB misses none: it would open without it. An open makes its write-ahead file just before its
/// MANIFEST, so there is one, and one that has at least that number less one. What an open makes last, the
/// OPTIONS, say that the MANIFEST is an open's: one that only replaces another, which had become large, has
/// any number. Nothing where there is no database. Of a store, not of a backup, which has no such file.
Result<void> check_newest_write_ahead_file(const std::filesystem::path& dir);

/// Makes the write-ahead file that check_newest_write_ahead_file() looks for, where there is none: a
/// checkpoint leaves out one that holds nothing.
Result<void> make_write_ahead_file(const std::filesystem::path& dir);

/// Of the commits whose headers lie undamaged in the write-ahead files in `dir`, the one that starts last.
/// Reads bytes, not records: one damaged length makes RocksDB pass over all that follows it in a block, but
/// not this.
Result<std::optional<CommitSighting>> last_sighting(const std::filesystem::path& dir, Epoch epoch);

/// The same in the bytes of one file.
std::optional<CommitSighting> last_sighting_in(std::string file, Epoch epoch);

}  // namespace stockfold
