// How a fault of a store is printed.
#pragma once

#include "core/fault.h"
#include "tools/console/exit_code.h"

namespace stockfold {

/// Prints to stderr what is wrong and where. A store that cannot be trusted has its own exit code.
ExitCode tell(const Fault& fault);

}  // namespace stockfold
