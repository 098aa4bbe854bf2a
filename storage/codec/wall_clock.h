// The time of day.
#pragma once

#include "core/numbers.h"

namespace stockfold {

/// The present time by the machine's clock, which may jump in either direction. Any thread.
[[nodiscard]] UnixMillis wall_clock();

}  // namespace stockfold
