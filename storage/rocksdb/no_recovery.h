// Keeps RocksDB from resuming by itself after an error.
#pragma once

#include <rocksdb/listener.h>

namespace stockfold {

/// After a write failed because the disk was full, RocksDB checks every few seconds for free space. Then it
/// accepts writes again, whatever max_bgerror_resume_count is set to, although the failed write may be lost.
/// A RocksDB built with assertions aborts at the next write. With this listener a failed database stays
/// failed until it is opened again.
class NoRecovery final : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status /*error*/,
                            bool* recovers) override {
    *recovers = false;
  }
};

}  // namespace stockfold
