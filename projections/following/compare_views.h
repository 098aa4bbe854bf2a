// Compares two snapshots of a view row by row: one that was kept up to date, and one that was rebuilt.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string_view>

#include "core/fault.h"
#include "core/ids.h"
#include "projections/following/rebuilt_view.h"
#include "storage/views/view_store.h"

namespace stockfold {

struct Comparison {
  std::uint64_t rows = 0;  ///< Of the rebuilt view.
  ViewDigest live;
  ViewDigest rebuilt;
  std::optional<RowDifference> first;  ///< In order of keys; empty if all rows are the same.
};

/// Both must be of the same version and position. Reads each row once and keeps a bounded amount in memory. A
/// stop ends the comparison with a fault.
Result<Comparison> compare(std::string_view view, const ViewSnapshot& live, const ViewSnapshot& rebuilt,
                           const std::stop_token& stop = {});

}  // namespace stockfold
