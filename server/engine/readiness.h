// Whether the ledger is ready to be asked, for whoever routes to it.
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
  GlobalPosition position;  ///< Up to where it is built.
};

struct Readiness {
  GlobalPosition head;             ///< Of the log.
  GlobalPosition applied;          ///< Of the views that are ready.
  std::uint64_t max_view_lag = 0;  ///< Events; past it the ledger is not ready.
  std::vector<LateView> late;
  std::string no_room;  ///< Why commands are refused for want of room on the disk; empty where they are not.
  std::string wrong_clock;              ///< The same, since the clock is not believed.
  std::chrono::nanoseconds syncing{0};  ///< How long the present commit has waited for the disk; 0: none.

  [[nodiscard]] std::uint64_t lag() const { return head > applied ? head.value() - applied.value() : 0; }
  /// Why it is not ready, but for want of room and for the clock; empty where it is.
  [[nodiscard]] std::string obstacle() const;
};

}  // namespace stockfold
