#include "tools/commands/storage_engine.h"

#include "storage/rocksdb/engine.h"

namespace stockfold {

const StorageEngine& storage_engine() { return rocksdb_engine(); }

}  // namespace stockfold
