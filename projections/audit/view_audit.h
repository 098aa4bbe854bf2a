// Whether views hold what the log says, without a byte of them being changed.
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

/// A view beside the fold of the log up to its checkpoint.
struct AuditedView {
  std::string view;
  GlobalPosition position;  ///< Of its checkpoint.
  std::optional<Comparison>
      comparison;  ///< Empty where there was nothing to compare: it is not there, or of another
                   ///< version of its projection, and will be built anew by the next start.
};

/// A view as it is on disk; null where there is none of that name.
using ReadView = std::function<Result<std::unique_ptr<ViewSnapshot>>(std::string_view name)>;
/// Where the fold is on its way.
using AuditProgress = std::function<void(GlobalPosition at, GlobalPosition end)>;

/// Folds the log up to each view's checkpoint, into views of the same names in `scratch`, which are empty,
/// and compares row by row. Views with the same checkpoint share a pass. A log that cannot be folded, and a
/// checkpoint that is not of a commit of it, are faults.
Result<std::vector<AuditedView>> audit_views(const EventLog& log, const ReadView& read,
                                             std::span<const Projection* const> projections,
                                             ViewStore& scratch, const AuditProgress& progress);

}  // namespace stockfold
