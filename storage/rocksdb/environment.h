// What RocksDB works with below a store: files, clock and background threads.
#pragma once

#include <rocksdb/env.h>

namespace stockfold {

/// StoreOptions name one where a store is to lie on something else than the machine's files, such as on
/// simulated ones that fail. Whoever makes it keeps it until the store is closed.
struct StoreEnvironment {
  rocksdb::Env* env;
};

/// The machine's own where there is none.
inline rocksdb::Env* env_of(const StoreEnvironment* environment) {
  return environment == nullptr ? rocksdb::Env::Default() : environment->env;
}

}  // namespace stockfold
