// What a rebuild found, in people's text and as JSON.
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

/// A table of the views, and below it what is to be said of those that were not the same. Each line ends;
/// nothing where there is no view.
[[nodiscard]] std::string text_of(std::span<const ReportedView> views);
/// One object, without its line end.
[[nodiscard]] std::string json_of(const ReportedView& view);
/// kUntrusted where one differed.
[[nodiscard]] ExitCode exit_code_of(std::span<const ReportedView> views);

/// Bytes that may be anything, so that they can be read: what is not printable ASCII as \xNN, the rest as it
/// is, and no more than the beginning of what is long.
[[nodiscard]] std::string printable(std::string_view bytes);

}  // namespace stockfold
