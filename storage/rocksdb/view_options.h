// RocksDB's options for views. Views differ in how their rows are written and read.
#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>

#include <cstddef>
#include <memory>
#include <string_view>

namespace stockfold {

/// The first byte of every row's key. The key of the view's checkpoint sorts before it.
inline constexpr char kRowPrefix = 'r';

rocksdb::DBOptions view_database_options(rocksdb::Env* env);

/// For the column family of one view. `buffer_bytes` is the most memory that one of its memtables may take.
rocksdb::ColumnFamilyOptions view_options(std::string_view view, std::size_t buffer_bytes,
                                          const std::shared_ptr<rocksdb::Cache>& block_cache);

}  // namespace stockfold
