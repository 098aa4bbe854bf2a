// What RocksDB says of a database.
#pragma once

#include <rocksdb/db.h>

#include <span>

#include "storage/engine/store_figures.h"

namespace stockfold {

/// Takes the database's mutex for moments, and looks at each of its files. `families` are those whose stalls
/// are counted. What cannot be found out is 0. Any thread.
DatabaseFigures figures_of(rocksdb::DB& db, std::span<rocksdb::ColumnFamilyHandle* const> families);

}  // namespace stockfold
