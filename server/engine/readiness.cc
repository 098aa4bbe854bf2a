#include "server/engine/readiness.h"

#include <algorithm>

namespace stockfold {
namespace {

/// A sync that takes longer makes the ledger unready.
constexpr std::chrono::seconds kLongSync{1};

}  // namespace

std::string Readiness::obstacle() const {
  if (syncing > kLongSync) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(syncing).count();
    return "sync under way for " + std::to_string(seconds) + " s";
  }
  if (lag() > max_view_lag) return "the views are " + std::to_string(lag()) + " events behind the log";
  const auto gate = std::ranges::find_if(late, &LateView::gates_commands);
  if (gate == late.end()) return {};
  return "the view " + gate->name + " is being built, up to position " +
         std::to_string(gate->position.value()) + " of " + std::to_string(head.value());
}

}  // namespace stockfold
