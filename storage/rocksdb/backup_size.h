// How much of the disk a backup needs.
#pragma once

#include <cstdint>
#include <filesystem>

#include "core/fault.h"

namespace stockfold {

/// The most bytes that a backup of the log database `log` into `backups` writes. Tables that the backups
/// share are not copied again. The rest is written three times: as a copy to open, as the table that it
/// becomes, and as the copy of that table.
Result<std::uint64_t> most_bytes_to_copy(const std::filesystem::path& log,
                                         const std::filesystem::path& backups);

}  // namespace stockfold
