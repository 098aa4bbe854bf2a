#include "tools/console/fault_text.h"

#include <fmt/core.h>

#include <string>

#include "tools/console/print.h"

namespace stockfold {

ExitCode tell(const Fault& fault) {
  const std::string where =
      fault.position == GlobalPosition(0) ? "" : fmt::format(" at position {}", fault.position.value());
  complain(fmt::format("stockfold: {}{}", fault.what, where));
  return fault.kind == FaultKind::corruption ? kUntrusted : kFailed;
}

}  // namespace stockfold
