// Checks of the records in RocksDB's write-ahead files, before RocksDB replays them.
#pragma once

#include <filesystem>

#include "core/fault.h"

namespace stockfold {

/// Checks every record of the write-ahead files in `dir`. RocksDB aborts the process on a record that has a
/// right checksum but that it never wrote. Returns corruption that names the file if a record
///  - has a sequence number that is impossible or was used before,
///  - has a row that the ledger never writes,
///  - or is written in a form that the ledger never uses, so that it cannot be checked.
/// A file is checked up to its first damaged record; RocksDB detects that one itself. Reads each file once. A
/// missing directory is no fault.
Result<void> check_write_ahead_files(const std::filesystem::path& dir);

}  // namespace stockfold
