// A log for RocksDB's messages that keeps none. Its own would be a file in the database's directory: written
// even where that is only looked at, and, on a full disk, an assertion in a RocksDB that is built with them.
#pragma once

#include <rocksdb/env.h>

#include <cstdarg>

namespace stockfold {

class DiscardingLogger final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

}  // namespace stockfold
