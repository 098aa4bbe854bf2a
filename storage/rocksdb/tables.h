// Checks of tables that come before RocksDB reads them: damage on which RocksDB aborts the process, and later
// formats that RocksDB reports as damage.
#pragma once

#include <rocksdb/table.h>

#include <cstdint>
#include <filesystem>

#include "core/fault.h"

namespace stockfold {

/// The format of every table that is written, whatever the default of the linked RocksDB. So this build can
/// open a store that a later build wrote.
inline constexpr std::uint32_t kTableFormat = 5;

/// Table options with this format; the caller sets the rest.
[[nodiscard]] inline rocksdb::BlockBasedTableOptions table_options_of_format() {
  rocksdb::BlockBasedTableOptions options;
  options.format_version = kTableFormat;
  return options;
}

/// Checks the end of a table's properties block. It is the one block of which RocksDB 7.8 trusts a flag
/// before it has compared the checksum, and it aborts the process if the flag makes no sense. The flag is
/// never set in an undamaged table; if it is set, returns corruption that names the table. A table with a
/// format beyond kTableFormat is newer_format; RocksDB would call it corruption. RocksDB detects all other
/// damage itself.
Result<void> check_table(const std::filesystem::path& table);

/// The same for every table in `dir`. A missing directory is no fault.
Result<void> check_tables(const std::filesystem::path& dir);

}  // namespace stockfold
