// The embedded engine: a log and views in two RocksDB databases of one directory.
#pragma once

#include <memory>

#include "storage/engine/engine.h"

namespace rocksdb {
class Env;
}

namespace stockfold {

/// The engine on the machine's files.
[[nodiscard]] const StorageEngine& rocksdb_engine();

/// The engine on other files, clock and threads, such as a simulated disk that fails. Backups are on the
/// machine's files all the same. `environment` must outlive the engine and the stores that it opened.
[[nodiscard]] std::unique_ptr<const StorageEngine> rocksdb_engine_on(rocksdb::Env& environment);

}  // namespace stockfold
