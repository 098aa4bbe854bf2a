// Checks whether views hold what the log implies, without changing a byte of them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/fault.h"
#include "projections/following/compare_views.h"
#include "projections/projection.h"
#include "storage/log/event_log.h"
#include "storage/views/view_store.h"

namespace stockfold {

/// A view compared with the fold of the log up to the view's checkpoint.
struct AuditedView {
  std::string view;
  GlobalPosition position;  ///< Of the view's checkpoint.
  /// Empty if there was nothing to compare: the view does not exist, or is of another version of its
  /// projection, and the next start will rebuild it.
  std::optional<Comparison> comparison;
};

/// A view as it is on disk; null if no view has that name.
using ReadView = std::function<Result<std::unique_ptr<ViewSnapshot>>(std::string_view name)>;
/// How far the fold has come.
using AuditProgress = std::function<void(GlobalPosition at, GlobalPosition end)>;

/// Folds the log up to each view's checkpoint, into empty views of the same names in `scratch`, and compares
/// row by row. Views with the same checkpoint share a pass. It is a fault if the log cannot be folded or if a
/// checkpoint is not that of a commit of the log.
Result<std::vector<AuditedView>> audit_views(const EventLog& log, const ReadView& read,
                                             std::span<const Projection* const> projections,
                                             ViewStore& scratch, const AuditProgress& progress);

}  // namespace stockfold
