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

/// Looks at the beginning of every record of the write-ahead files in `dir`, before RocksDB does, which ends
/// the process where a record that is whole has a sequence number that it cannot have. Corruption, naming the
/// file, where one has, or where records are said to be compressed, which the ledger's never are, so that
/// they could not be looked at. Whatever else is wrong with them RocksDB finds itself. Reads each file once.
/// Nothing where there is no such directory.
std::expected<void, Fault> check_write_ahead_files(const std::filesystem::path& dir);

/// Of the commits whose headers lie undamaged in the write-ahead files in `dir`, the one that starts last.
/// Reads bytes, not records: one damaged length makes RocksDB pass over all that follows it in a block, but
/// not this.
std::expected<std::optional<CommitSighting>, Fault> last_sighting(const std::filesystem::path& dir,
                                                                  Epoch epoch);

/// The same in the bytes of one file.
std::optional<CommitSighting> last_sighting_in(std::string file, Epoch epoch);

}  // namespace stockfold
