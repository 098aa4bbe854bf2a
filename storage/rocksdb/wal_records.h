// The records of RocksDB's write-ahead files, looked at before RocksDB replays them.
#pragma once

#include <filesystem>

#include "core/fault.h"

namespace stockfold {

/// Looks at every record of the write-ahead files in `dir`, before RocksDB does, which ends the process where
/// a record that is whole is none that it wrote. Corruption, naming the file, where a record has a sequence
/// number that it cannot have or that was used before, where its rows are none of those that the ledger
/// writes, or where it is written in a way that the ledger never chose, so that it could not be looked at.
/// What is damaged RocksDB finds itself: a file is looked at up to there. Reads each file once. Nothing where
/// there is no such directory.
Result<void> check_write_ahead_files(const std::filesystem::path& dir);

}  // namespace stockfold
