// The result of a replay, apart from its products.
#pragma once

#include <string>

#include "projections/audit/replay.h"

namespace stockfold {

/// One object on one line, without its line end. `seconds`: how long it took.
[[nodiscard]] std::string json_of(const Replay& replay, double seconds);
/// Several lines, without the last line end.
[[nodiscard]] std::string text_of(const Replay& replay, double seconds);

}  // namespace stockfold
