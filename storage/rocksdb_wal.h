// What RocksDB's write-ahead files hold, whether RocksDB can still read it or not.
#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/fault.h"
#include "core/numbers.h"
#include "storage/commit_record.h"

namespace stockfold {

/// A file is a row of blocks, a block one of fragments, a fragment a header and a record or a part of one.
/// What is left of a block when no header fits is not used.
inline constexpr std::size_t kWriteAheadBlockSize = 32'768;
inline constexpr std::size_t kFragmentHeaderSize = 7;

/// Those in `dir`, in the order in which they were written.
std::expected<std::vector<std::filesystem::path>, Fault> write_ahead_files(const std::filesystem::path& dir);

/// Of the commits whose headers lie undamaged in the write-ahead files in `dir`, the one that starts last.
/// Reads bytes, not records: one damaged length makes RocksDB pass over all that follows it in a block, but
/// not this.
std::expected<std::optional<CommitSighting>, Fault> last_sighting(const std::filesystem::path& dir,
                                                                  Epoch epoch);

/// The same in the bytes of one file.
std::optional<CommitSighting> last_sighting_in(std::string file, Epoch epoch);

}  // namespace stockfold
