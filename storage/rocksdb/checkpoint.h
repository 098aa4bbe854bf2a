// Copies of a database that is in use.
#pragma once

#include <rocksdb/db.h>

#include <filesystem>

#include "core/fault.h"

namespace stockfold {

/// Makes `dir`, which must not be there, a database that opens as this one would now. Its tables are linked
/// where it lies on the same file system. Any thread; others may write meanwhile.
Result<void> checkpoint_database(rocksdb::DB& database, const std::filesystem::path& dir);

}  // namespace stockfold
