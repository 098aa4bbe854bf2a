#include "storage/rocksdb/status.h"

#include <cassert>
#include <string>

namespace stockfold {
namespace {

// RocksDB has no status code for a lock that a process holds; only the text tells.
bool lock_is_held(const std::string& words) {
  return words.find("While lock file") != std::string::npos ||
         words.find("lock hold by current process") != std::string::npos;
}

FaultKind kind_of(const rocksdb::Status& status, const std::string& words) {
  if (status.IsBusy() || (status.IsIOError() && lock_is_held(words))) return FaultKind::busy;
  // Directories are made before RocksDB is called, so a missing file is one that the database names.
  if (status.IsCorruption() || status.IsPathNotFound()) return FaultKind::corruption;
  return FaultKind::io;
}

}  // namespace

Fault fault_of(const rocksdb::Status& status, std::string_view doing) {
  assert(!status.ok());
  const std::string words = status.ToString();
  return {kind_of(status, words), std::string(doing) + ": " + words, GlobalPosition()};
}

}  // namespace stockfold
