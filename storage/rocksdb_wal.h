// What RocksDB's write-ahead files hold, whether RocksDB can still read it or not.
#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <string>

#include "core/fault.h"
#include "core/numbers.h"
#include "storage/commit_record.h"

namespace stockfold {

/// Of the commits whose headers lie undamaged in the write-ahead files in `dir`, the one that starts last.
/// Reads bytes, not records: one damaged length makes RocksDB pass over all that follows it in a block, but
/// not this.
std::expected<std::optional<CommitSighting>, Fault> last_sighting(const std::filesystem::path& dir,
                                                                  Epoch epoch);

/// The same in the bytes of one file.
std::optional<CommitSighting> last_sighting_in(std::string file, Epoch epoch);

}  // namespace stockfold
