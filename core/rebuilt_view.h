// What came of building a view anew from the log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/ids.h"
#include "core/numbers.h"

namespace stockfold {

/// One key at which two views differ. Empty where a view has no such row.
struct RowDifference {
  std::string key;
  std::optional<std::string> live;
  std::optional<std::string> rebuilt;
  friend bool operator==(const RowDifference&, const RowDifference&) = default;
};

/// How the view in use compares with the one built anew. Numbers that are sent; never reused.
enum class RebuildFinding : std::uint8_t {
  same = 1,     ///< Every row is the same.
  differs = 2,  ///< It held other rows, or could not be carried on to the position at all.
  nothing = 3,  ///< There was nothing to compare: it was never built, or is of another version or ledger.
};
/// "same", "differs", "nothing to compare".
[[nodiscard]] std::string_view name_of(RebuildFinding finding);

struct RebuiltView {
  std::string view;
  GlobalPosition position;  ///< Of both.
  std::uint64_t rows = 0;   ///< Of the rebuilt view; so is the digest.
  ViewDigest digest;
  RebuildFinding finding = RebuildFinding::same;
  std::optional<ViewDigest> live;           ///< Of the view in use, where it could be read.
  std::optional<RowDifference> difference;  ///< The first in order of keys, where rows differ.
  std::string reason;                       ///< Why it could not be read, or there is nothing to compare.
  friend bool operator==(const RebuiltView&, const RebuiltView&) = default;
};

}  // namespace stockfold
