#include "server/engine/open_views.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "projections/views.h"

namespace stockfold {
namespace {

constexpr std::size_t kCatchUpEvents = 16'384;

/// What opening does with the views.
struct Plan {
  std::vector<const Projection*> first;
  std::vector<const Projection*> late;
  std::vector<const Projection*> rebuilt;  ///< Views of `first` whose rows cannot be used.
};

Plan plan(const Head& head, ViewStore& views, std::uint64_t catch_up_first) {
  Plan plan;
  for (const Projection* projection : all_projections()) {
    const ViewCheckpoint checkpoint = views.view(projection->name()).checkpoint();
    const std::string why = why_rebuilt(checkpoint, *projection, head);
    const GlobalPosition from =
        why.empty() ? std::min(checkpoint.position, head.position) : GlobalPosition(0);
    const bool is_late =
        !projection->gates_commands() && head.position.value() - from.value() > catch_up_first;
    (is_late ? plan.late : plan.first).push_back(projection);
    if (head.position == GlobalPosition(0) || (why.empty() && !is_late)) continue;
    if (!is_late) plan.rebuilt.push_back(projection);
    spdlog::info("view {} is {}: {}", projection->name(),
                 is_late ? "built while the ledger serves, reads of it are refused until it is ready"
                         : "rebuilt before the ledger is ready",
                 why.empty() ? "it ends at position " + std::to_string(from.value()) : why);
  }
  return plan;
}

}  // namespace

Result<OpenedViews> open_views(const EventLog& log, ViewStore& views, std::uint64_t catch_up_first,
                               const CatchUpProgress& progress) {
  const auto begun = std::chrono::steady_clock::now();
  Plan views_to = plan(log.head(), views, catch_up_first);
  auto catch_up = CatchUp::start(log, views, views_to.first);
  if (!catch_up) return std::unexpected(std::move(catch_up.error()));
  for (;;) {
    auto folded = catch_up->step(kCatchUpEvents);
    if (!folded) return std::unexpected(std::move(folded.error()));
    if (*folded == 0) break;
    progress(catch_up->position(), log.head().position);
  }
  if (!views_to.rebuilt.empty()) {
    if (auto durable = views.flush(); !durable) return std::unexpected(std::move(durable.error()));
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begun;
    log_ready(views_to.rebuilt, catch_up->position(), seconds.count());
  }
  return OpenedViews{std::move(*catch_up), std::move(views_to.late)};
}

void log_ready(const std::vector<const Projection*>& built, GlobalPosition at, double seconds) {
  for (const Projection* projection : built) {
    spdlog::info("view {} is ready: version {}, up to position {}, after {:.1f} s", projection->name(),
                 projection->version(), at.value(), seconds);
  }
}

}  // namespace stockfold
