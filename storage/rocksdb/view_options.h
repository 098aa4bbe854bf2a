// How RocksDB is set up for views: rows of one view differ from those of another in how they are written and
// read again.
#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>

#include <cstddef>
#include <memory>
#include <string_view>

namespace stockfold {

/// In front of the key of every row; the view's checkpoint has a key of its own below it.
inline constexpr char kRowPrefix = 'r';

rocksdb::DBOptions view_database_options(rocksdb::Env* env);

/// Of the column family of one view. `buffer_bytes` is the most that one of its memtables may take.
rocksdb::ColumnFamilyOptions view_options(std::string_view view, std::size_t buffer_bytes,
                                          const std::shared_ptr<rocksdb::Cache>& block_cache);

}  // namespace stockfold
