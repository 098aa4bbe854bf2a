#include "projections/following/catch_up.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

namespace stockfold {
namespace {

Fault lost(const View& view, const ViewCheckpoint& checkpoint, const std::string& found) {
  return corruption(checkpoint.position, "view " + std::string(view.name()) +
                                             " holds the events up to position " +
                                             std::to_string(checkpoint.position.value()) + ", but " + found);
}

/// Checks that the log still holds the events that the view was folded from.
Result<void> check_against_log(const EventLog& log, const Head& head, const View& view,
                               const ViewCheckpoint& checkpoint) {
  if (checkpoint.position > head.position) {
    return std::unexpected(
        lost(view, checkpoint, "the log ends at position " + std::to_string(head.position.value())));
  }
  auto commit = log.read(checkpoint.position)->next();
  if (!commit) return std::unexpected(std::move(commit.error()));
  if (!*commit || (*commit)->last() != checkpoint.position) {
    return std::unexpected(lost(view, checkpoint, "no commit of the log ends there"));
  }
  if ((*commit)->hash != checkpoint.hash) {
    return std::unexpected(lost(view, checkpoint, "the log's commit there has another hash"));
  }
  return {};
}

Result<bool> has_rows(const View& view) {
  bool found = false;
  auto scanned = view.snapshot()->scan("", [&found](std::string_view, std::string_view) {
    found = true;
    return false;
  });
  if (!scanned) return std::unexpected(std::move(scanned.error()));
  return found;
}

/// The checkpoint from which the fold can continue. If there is none, the view's rows are removed.
Result<ViewCheckpoint> usable_checkpoint(const EventLog& log, const Head& head, View& view,
                                         const Projection& projection) {
  const ViewCheckpoint checkpoint = view.checkpoint();
  if (checkpoint == ViewCheckpoint{}) {
    auto rows = has_rows(view);
    if (!rows) return std::unexpected(std::move(rows.error()));
    if (!*rows) return checkpoint;
  }
  // Rows at position 0 are the fold of no event: their checkpoint was lost or forged.
  if (checkpoint.position == GlobalPosition(0) || !is_fold_of(checkpoint, projection, head)) {
    auto cleared = view.clear();
    if (!cleared) return std::unexpected(std::move(cleared.error()));
    return ViewCheckpoint{};
  }
  auto checked = check_against_log(log, head, view, checkpoint);
  if (!checked) return std::unexpected(std::move(checked.error()));
  return checkpoint;
}

/// What bounds a batch: its events, and the rows that they may change.
std::size_t weight_of(const Commit& commit) {
  std::size_t weight = 0;
  for (const RecordedEvent& event : commit.events) {
    std::size_t products = 0;
    for_each_product(event, [&](const Sku&, StreamVersion) { ++products; });
    weight += std::max<std::size_t>(products, 1);
  }
  return weight;
}

}  // namespace

bool is_fold_of(const ViewCheckpoint& checkpoint, const Projection& projection, const Head& head) {
  return checkpoint.version == projection.version() && checkpoint.ledger == head.ledger &&
         checkpoint.epoch == head.epoch;
}

std::string why_rebuilt(const ViewCheckpoint& checkpoint, const Projection& projection, const Head& head) {
  if (checkpoint == ViewCheckpoint{}) return "it was not built before";
  if (checkpoint.ledger != head.ledger || checkpoint.epoch != head.epoch) return "it is of another ledger";
  if (is_fold_of(checkpoint, projection, head)) return {};
  return "it is of version " + std::to_string(checkpoint.version) + ", not " +
         std::to_string(projection.version());
}

Result<CatchUp> CatchUp::start(const EventLog& log, ViewStore& views,
                               std::span<const Projection* const> projections) {
  const Head head = log.head();
  std::vector<Followed> followed;
  for (const Projection* projection : projections) {
    View& view = views.view(projection->name());
    auto checkpoint = usable_checkpoint(log, head, view, *projection);
    if (!checkpoint) return std::unexpected(std::move(checkpoint.error()));
    followed.push_back({projection, &view, /*is_shadow=*/false, *checkpoint, projection->fold(view), {}});
  }
  auto cursor = log.read(lowest(followed).next());
  return CatchUp(log, std::move(followed), std::move(cursor));
}

CatchUp CatchUp::from_nothing(const EventLog& log, std::span<const Projected> views,
                              std::unique_ptr<LogCursor> commits) {
  std::vector<Followed> followed;
  for (const auto& [projection, view] : views) {
    assert(view->checkpoint() == ViewCheckpoint{});
    followed.push_back({projection, view, /*is_shadow=*/false, {}, projection->fold(*view), {}});
  }
  return CatchUp(log, std::move(followed), std::move(commits));
}

CatchUp::CatchUp(const EventLog& log, std::vector<Followed> followed, std::unique_ptr<LogCursor> cursor)
    : log_(&log), followed_(std::move(followed)), cursor_(std::move(cursor)) {
  const Head head = log.head();
  ledger_ = head.ledger;
  epoch_ = head.epoch;
}

GlobalPosition CatchUp::lowest(const std::vector<Followed>& followed) {
  std::optional<GlobalPosition> lowest;
  for (const Followed& view : followed) {
    const GlobalPosition position = view.checkpoint.position;
    if (!view.is_shadow) lowest = std::min(lowest.value_or(position), position);
  }
  assert(lowest);
  return *lowest;
}

GlobalPosition CatchUp::position() const { return lowest(followed_); }

Result<void> CatchUp::join(CatchUp other, std::size_t max_events) {
  while (other.position() < position()) {
    auto folded = other.step(max_events);
    if (!folded) return std::unexpected(std::move(folded.error()));
  }
  // Views that are further ahead skip the events that they already hold.
  for (Followed& view : other.followed_) {
    assert(!view.is_shadow);
    followed_.push_back(std::move(view));
  }
  return {};
}

// ---- shadows ----------------------------------------------------------------------------------------------

void CatchUp::add_shadow(const Projected& shadow) {
  const auto& [projection, view] = shadow;
  const ViewCheckpoint checkpoint = view->checkpoint();
  followed_.push_back({projection, view, /*is_shadow=*/true, checkpoint, projection->fold(*view), {}});
  // Views that are further ahead skip the events that they already hold.
  cursor_ = log_->read(std::min(checkpoint.position, position()).next());
}

std::size_t CatchUp::find(std::string_view name, bool is_shadow) const {
  const auto found = std::ranges::find_if(followed_, [&](const Followed& view) {
    return view.is_shadow == is_shadow && view.projection->name() == name;
  });
  assert(found != followed_.end());
  return static_cast<std::size_t>(found - followed_.begin());
}

std::optional<GlobalPosition> CatchUp::level_with_shadow(std::string_view name) const {
  const GlobalPosition live = followed_[find(name, /*is_shadow=*/false)].checkpoint.position;
  const GlobalPosition shadow = followed_[find(name, /*is_shadow=*/true)].checkpoint.position;
  if (shadow != live) return std::nullopt;
  return live;
}

void CatchUp::remove_shadow(std::string_view name) {
  followed_.erase(followed_.begin() + static_cast<std::ptrdiff_t>(find(name, /*is_shadow=*/true)));
}

void CatchUp::continue_from_view(std::string_view name) {
  Followed& live = followed_[find(name, /*is_shadow=*/false)];
  live.checkpoint = live.view->checkpoint();
  live.fold = live.projection->fold(*live.view);
}

// ---- folding ----------------------------------------------------------------------------------------------

Result<std::size_t> CatchUp::step(std::size_t max_events) {
  batch_.clear();
  std::size_t events = 0;
  std::size_t weight = 0;
  do {
    auto commit = cursor_->next();
    if (!commit) return std::unexpected(std::move(commit.error()));
    if (!*commit) break;
    auto applied = apply(**commit);
    if (!applied) return std::unexpected(std::move(applied.error()));
    events += (*commit)->events.size();
    weight += weight_of(**commit);
    batch_.push_back(std::move(*commit));
  } while (weight < max_events);

  if (batch_.empty()) return 0;
  auto written = write(*batch_.back());
  if (!written) return std::unexpected(std::move(written.error()));
  return events;
}

Result<void> CatchUp::apply(const Commit& commit) {
  for (Followed& view : followed_) {
    // Checkpoints lie between commits, so a view holds all of a commit or none of it.
    if (view.checkpoint.position >= commit.last()) continue;
    const auto applied = view.fold->apply(commit.events, view.rows);
    if (!applied) return applied;
  }
  return {};
}

Result<void> CatchUp::write(const Commit& last) {
  for (Followed& view : followed_) {
    if (view.checkpoint.position >= last.last()) continue;
    if (auto finished = view.fold->finish(view.rows); !finished) return finished;
    view.rows.sort();
    const ViewCheckpoint checkpoint{view.projection->version(), ledger_, epoch_, last.last(), last.hash};
    const auto written = view.view->write(view.rows, checkpoint);
    if (!written) return written;
    view.checkpoint = checkpoint;
    view.rows.clear();
  }
  return {};
}

}  // namespace stockfold
