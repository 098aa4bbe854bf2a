// Copies of a database that is in use.
#pragma once

#include <rocksdb/db.h>

#include <filesystem>

#include "core/fault.h"

namespace stockfold {

/// Makes a copy in `dir`, which must not exist, that opens as this database would now. Its tables are linked
/// if `dir` is on the same file system. Any thread; others may write meanwhile.
Result<void> checkpoint_database(rocksdb::DB& database, const std::filesystem::path& dir);

}  // namespace stockfold
