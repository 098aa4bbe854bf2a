// Two snapshots of a view row by row: one that was kept up to date, and one that was built anew.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "core/fault.h"
#include "core/ids.h"
#include "storage/view_store.h"

namespace stockfold {

/// One key at which two views differ. Empty where a view has no such row.
struct RowDifference {
  std::string key;
  std::optional<std::string> live;
  std::optional<std::string> rebuilt;
  friend bool operator==(const RowDifference&, const RowDifference&) = default;
};

struct Comparison {
  std::uint64_t rows = 0;  ///< Of the rebuilt view.
  ViewDigest live;
  ViewDigest rebuilt;
  std::optional<RowDifference> first;  ///< In order of keys; empty where every row is the same.
};

/// Both are of the same version and position. Reads each row once; what it keeps in memory is bounded.
std::expected<Comparison, Fault> compare(std::string_view view, const ViewSnapshot& live,
                                         const ViewSnapshot& rebuilt);

}  // namespace stockfold
