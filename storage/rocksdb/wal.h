// RocksDB's write-ahead files: what they hold, even if RocksDB can no longer read it.
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

/// A file is a sequence of blocks. A block is a sequence of fragments. A fragment is a header and a record,
/// or a part of one. The end of a block in which no header fits is unused.
inline constexpr std::size_t kWriteAheadBlockSize = 32'768;
inline constexpr std::size_t kFragmentHeaderSize = 7;

/// The write-ahead files in `dir`, in the order in which they were written.
Result<std::vector<std::filesystem::path>> write_ahead_files(const std::filesystem::path& dir);

/// Returns corruption if the newest write-ahead file of the database in `dir` is missing, with everything
/// that it held. RocksDB does not notice: it would open without the file. An open makes its write-ahead file
/// just before its MANIFEST, so a file with at least the MANIFEST's number less one must exist. That holds
/// only for a MANIFEST that an open made, which the OPTIONS, made last by an open, prove. A MANIFEST that
/// replaced a large one may have any number. A missing database is no fault. For stores only: backups have no
/// such file.
Result<void> check_newest_write_ahead_file(const std::filesystem::path& dir);

/// Makes the write-ahead file that check_newest_write_ahead_file() looks for, if it is missing: a checkpoint
/// omits an empty one.
Result<void> make_write_ahead_file(const std::filesystem::path& dir);

/// Searches the write-ahead files in `dir` for undamaged commit headers and returns the one that starts last.
/// Reads bytes, not records: RocksDB skips the rest of a block behind a damaged length, this function does
/// not.
Result<std::optional<CommitSighting>> last_sighting(const std::filesystem::path& dir, Epoch epoch);

/// The same for the bytes of one file.
std::optional<CommitSighting> last_sighting_in(std::string file, Epoch epoch);

}  // namespace stockfold
