// Keeps RocksDB from going on by itself after an error.
#pragma once

#include <rocksdb/listener.h>

namespace stockfold {

/// Once a write has failed for want of room, RocksDB looks every few seconds whether there is room again, and
/// then takes writes as if nothing had been, whatever max_bgerror_resume_count says. What was being written
/// may be gone; a RocksDB that is built with assertions ends the process at the next write. A database that
/// has failed stays so until it is opened again.
class NoRecovery final : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status /*error*/,
                            bool* recovers) override {
    *recovers = false;
  }
};

}  // namespace stockfold
