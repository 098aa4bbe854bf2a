// Whether the ledger is ready, for load balancers and orchestrators.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/numbers.h"

namespace stockfold {

/// A view that is built while the ledger serves.
struct LateView {
  std::string name;
  bool gates_commands = false;
  GlobalPosition position;  ///< How far it is built.
};

struct Readiness {
  GlobalPosition head;             ///< Of the log.
  GlobalPosition applied;          ///< Of the views that are ready.
  std::uint64_t max_view_lag = 0;  ///< In events; above it the ledger is not ready.
  std::vector<LateView> late;
  std::string no_room;      ///< Why commands are refused for lack of disk space; empty if they are not.
  std::string wrong_clock;  ///< Why commands are refused because of the clock; empty if they are not.
  std::chrono::nanoseconds syncing{0};  ///< How long the present commit has waited for the disk; 0: none.

  [[nodiscard]] std::uint64_t lag() const { return head > applied ? head.value() - applied.value() : 0; }
  /// Why it is not ready, apart from disk space and clock; empty if it is.
  [[nodiscard]] std::string obstacle() const;
};

}  // namespace stockfold
