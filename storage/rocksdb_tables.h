// What RocksDB does not survive to look at in a damaged table.
#pragma once

#include <expected>
#include <filesystem>

#include "core/fault.h"

namespace stockfold {

/// Looks at the end of the properties of a table, before RocksDB does. They are the one block of which
/// RocksDB 7.8 believes a flag before it has compared the checksum, and ends the process where that flag
/// makes no sense. Corruption, naming the table, where it is set, which it never is in a whole one. Whatever
/// else is wrong with a table RocksDB finds itself.
std::expected<void, Fault> check_table(const std::filesystem::path& table);

/// The same of every table in `dir`. Nothing where there is no such directory.
std::expected<void, Fault> check_tables(const std::filesystem::path& dir);

}  // namespace stockfold
