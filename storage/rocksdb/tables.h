// What RocksDB does not survive to look at in a damaged table, and what it takes for damage and is none.
#pragma once

#include <rocksdb/table.h>

#include <cstdint>
#include <filesystem>

#include "core/fault.h"

namespace stockfold {

/// The format of every table that is written, whatever the default of the RocksDB that is linked: a store
/// that a later build wrote can still be opened by this one.
inline constexpr std::uint32_t kTableFormat = 5;

/// Where options of tables begin.
[[nodiscard]] inline rocksdb::BlockBasedTableOptions table_options_of_format() {
  rocksdb::BlockBasedTableOptions options;
  options.format_version = kTableFormat;
  return options;
}

/// Looks at the end of the properties of a table, before RocksDB does. They are the one block of which
/// RocksDB 7.8 believes a flag before it has compared the checksum, and ends the process where that flag
/// makes no sense. Corruption, naming the table, where it is set, which it never is in a whole one.
/// newer_format where the table has a format beyond kTableFormat, which RocksDB calls corruption. Whatever
/// else is wrong with a table RocksDB finds itself.
Result<void> check_table(const std::filesystem::path& table);

/// The same of every table in `dir`. Nothing where there is no such directory.
Result<void> check_tables(const std::filesystem::path& dir);

}  // namespace stockfold
