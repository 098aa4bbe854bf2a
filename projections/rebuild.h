// Views built anew from the log, held against those in use, and put in their place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/event_log.h"
#include "core/fault.h"
#include "core/ids.h"
#include "projections/compare_views.h"
#include "projections/projection.h"
#include "storage/view_store.h"

namespace stockfold {

/// How the view in use compares with the one built anew.
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
  std::optional<RowDifference> difference;  ///< The first, where rows differ.
  std::string reason;                       ///< Why it could not be read, or there is nothing to compare.
};

/// Where a rebuild is on its way through the log.
using RebuildProgress = std::function<void(GlobalPosition at, GlobalPosition head)>;

struct RebuildOptions {
  std::size_t threads = 2;  ///< That fold, at most; one more reads the log ahead of them.
  std::size_t events_a_batch = 65'536;
  RebuildProgress progress;  ///< Called on the caller's thread every now and then; may be empty.
};

/// Builds a shadow of the view of each projection by the same folds that keep it, compares both at the head
/// of the log, and puts the shadow in the view's place, whatever was found. Nobody else may append to the log
/// or write the views. After a fault, or a crash, each view is as it was or rebuilt. A log that cannot be
/// folded is a fault, and leaves every view as it was.
std::expected<std::vector<RebuiltView>, Fault> rebuild(const EventLog& log, ViewStore& views,
                                                       std::span<const Projection* const> projections,
                                                       const RebuildOptions& options);

/// What becomes of a comparison of a view in use with its shadow.
[[nodiscard]] RebuiltView rebuilt_view(std::string view, GlobalPosition position, Comparison comparison);

}  // namespace stockfold
