// Discards RocksDB's messages. By default RocksDB writes them to a file in the database's directory, even if
// the database is opened read-only. On a full disk that fails an assertion in a RocksDB built with them.
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
