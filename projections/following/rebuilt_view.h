// The result of rebuilding a view from the log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/ids.h"
#include "core/numbers.h"

namespace stockfold {

/// One key at which two views differ. A row is empty if the view has none.
struct RowDifference {
  std::string key;
  std::optional<std::string> live;
  std::optional<std::string> rebuilt;
  friend bool operator==(const RowDifference&, const RowDifference&) = default;
};

/// How the view in use compares with the rebuilt one.
enum class RebuildFinding : std::uint8_t {
  same = 1,     ///< Every row is the same.
  differs = 2,  ///< It held other rows, or could not be brought to the position at all.
  nothing = 3,  ///< Nothing to compare: it was never built, or is of another version or ledger.
};
/// "same", "differs", "nothing to compare".
[[nodiscard]] std::string_view name_of(RebuildFinding finding);

struct RebuiltView {
  std::string view;
  GlobalPosition position;  ///< Of both views.
  std::uint64_t rows = 0;   ///< Of the rebuilt view, as is the digest.
  ViewDigest digest;
  RebuildFinding finding = RebuildFinding::same;
  std::optional<ViewDigest> live;           ///< Of the view in use, if it could be read.
  std::optional<RowDifference> difference;  ///< The first in order of keys, if rows differ.
  std::string reason;                       ///< Why it could not be read or compared.
  friend bool operator==(const RebuiltView&, const RebuiltView&) = default;
};

}  // namespace stockfold
