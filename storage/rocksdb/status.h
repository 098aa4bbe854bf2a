// What RocksDB reports, in our words.
#pragma once

#include <rocksdb/status.h>

#include <string_view>

#include "core/fault.h"

namespace stockfold {

/// The fault that a status which is not OK stands for. `doing` says what was tried: "opening the views in
/// /data".
[[nodiscard]] Fault fault_of(const rocksdb::Status& status, std::string_view doing);

}  // namespace stockfold
