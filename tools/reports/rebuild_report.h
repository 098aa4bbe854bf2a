// The report of a rebuild, as text and as JSON.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "projections/following/rebuilt_view.h"
#include "tools/console/exit_code.h"

namespace stockfold {

struct ReportedView {
  RebuiltView rebuilt;
  double seconds = 0;  ///< That it took.
};

/// A table of the views, and below it a note on each view that differed. Every line has its line end. Empty
/// if there are no views.
[[nodiscard]] std::string text_of(std::span<const ReportedView> views);
/// One object, without its line end.
[[nodiscard]] std::string json_of(const ReportedView& view);
/// kUntrusted if a view differed.
[[nodiscard]] ExitCode exit_code_of(std::span<const ReportedView> views);

/// Any bytes as readable text: printable ASCII as it is, other bytes as \xNN. Long input is cut.
[[nodiscard]] std::string printable(std::string_view bytes);

}  // namespace stockfold
