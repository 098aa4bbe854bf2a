// What a backup takes of the disk, before it is made.
#pragma once

#include <cstdint>
#include <filesystem>

#include "core/fault.h"

namespace stockfold {

/// At most so many bytes are written where the database of the log in `log` is backed up into `backups`.
/// Tables that backups there share are not copied again. Of the rest there is a copy to open, the table that
/// becomes of it, and a copy of that.
Result<std::uint64_t> most_bytes_to_copy(const std::filesystem::path& log,
                                         const std::filesystem::path& backups);

}  // namespace stockfold
