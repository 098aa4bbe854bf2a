// How a store in trouble is told.
#pragma once

#include "core/fault.h"
#include "tools/console/exit_code.h"

namespace stockfold {

/// Says on stderr what is wrong and where; a store that cannot be trusted has an exit code of its own.
ExitCode tell(const Fault& fault);

}  // namespace stockfold
