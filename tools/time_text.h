// Times as people and JSON write them.
#pragma once

#include <string>

#include "core/numbers.h"

namespace stockfold {

/// RFC 3339 in UTC with milliseconds: "2026-01-02T03:04:05.678Z".
[[nodiscard]] std::string rfc3339(UnixMillis time);

}  // namespace stockfold
