#include "projections/catch_up.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

namespace stockfold {
namespace {

bool is_fold_of(const ViewCheckpoint& checkpoint, const Projection& projection, const Head& head) {
  return checkpoint.version == projection.version() && checkpoint.ledger == head.ledger &&
         checkpoint.epoch == head.epoch;
}

Fault lost(const View& view, const ViewCheckpoint& checkpoint, const std::string& found) {
  return corruption(checkpoint.position, "view " + std::string(view.name()) +
                                             " holds the events up to position " +
                                             std::to_string(checkpoint.position.value()) + ", but " + found);
}

/// The log still holds what the view was folded from.
std::expected<void, Fault> check_against_log(const EventLog& log, const Head& head, const View& view,
                                             const ViewCheckpoint& checkpoint) {
  if (checkpoint.position > head.position) {
    return std::unexpected(
        lost(view, checkpoint, "the log ends at position " + std::to_string(head.position.value())));
  }
  const auto commit = log.read(checkpoint.position)->next();
  if (!commit) return std::unexpected(commit.error());
  if (!*commit || (*commit)->last() != checkpoint.position) {
    return std::unexpected(lost(view, checkpoint, "no commit of the log ends there"));
  }
  if ((*commit)->hash != checkpoint.hash) {
    return std::unexpected(lost(view, checkpoint, "the log's commit there has another hash"));
  }
  return {};
}

/// The checkpoint from which the view's rows can be carried on; the rows are taken away where there is none.
std::expected<ViewCheckpoint, Fault> usable_checkpoint(const EventLog& log, const Head& head, View& view,
                                                       const Projection& projection) {
  const ViewCheckpoint checkpoint = view.checkpoint();
  if (checkpoint == ViewCheckpoint{}) return checkpoint;
  if (!is_fold_of(checkpoint, projection, head)) {
    const auto cleared = view.clear();
    if (!cleared) return std::unexpected(cleared.error());
    return ViewCheckpoint{};
  }
  const auto checked = check_against_log(log, head, view, checkpoint);
  if (!checked) return std::unexpected(checked.error());
  return checkpoint;
}

}  // namespace

std::expected<CatchUp, Fault> CatchUp::start(const EventLog& log, ViewStore& views,
                                             std::span<const Projection* const> projections) {
  const Head head = log.head();
  std::vector<Followed> followed;
  for (const Projection* projection : projections) {
    View& view = views.view(projection->name());
    const auto checkpoint = usable_checkpoint(log, head, view, *projection);
    if (!checkpoint) return std::unexpected(checkpoint.error());
    followed.push_back({projection, &view, *checkpoint});
  }
  return CatchUp(log, std::move(followed), head);
}

CatchUp::CatchUp(const EventLog& log, std::vector<Followed> followed, const Head& head)
    : followed_(std::move(followed)),
      ledger_(head.ledger),
      epoch_(head.epoch),
      cursor_(log.read(position().next())) {}

GlobalPosition CatchUp::position() const {
  assert(!followed_.empty());
  return std::ranges::min_element(followed_, {},
                                  [](const Followed& view) { return view.checkpoint.position; })
      ->checkpoint.position;
}

std::expected<std::size_t, Fault> CatchUp::step(std::size_t max_events) {
  std::vector<ViewBatch> batches;
  batches.reserve(followed_.size());
  for (const Followed& view : followed_) batches.emplace_back(*view.view);

  std::size_t events = 0;
  std::shared_ptr<const Commit> last;
  do {
    auto commit = cursor_->next();
    if (!commit) return std::unexpected(commit.error());
    if (!*commit) break;
    const auto applied = apply(**commit, batches);
    if (!applied) return std::unexpected(applied.error());
    events += (*commit)->events.size();
    last = std::move(*commit);
  } while (events < max_events);

  if (!last) return 0;
  const auto written = write(*last, batches);
  if (!written) return std::unexpected(written.error());
  return events;
}

std::expected<void, Fault> CatchUp::apply(const Commit& commit, std::span<ViewBatch> batches) const {
  for (std::size_t i = 0; i < followed_.size(); ++i) {
    // Checkpoints lie between commits, so a view holds all of a commit or nothing of it.
    if (followed_[i].checkpoint.position >= commit.last()) continue;
    for (const RecordedEvent& event : commit.events) {
      const auto applied = followed_[i].projection->apply(event, batches[i]);
      if (!applied) return applied;
    }
  }
  return {};
}

std::expected<void, Fault> CatchUp::write(const Commit& last, std::span<const ViewBatch> batches) {
  for (std::size_t i = 0; i < followed_.size(); ++i) {
    Followed& view = followed_[i];
    if (view.checkpoint.position >= last.last()) continue;
    const ViewCheckpoint checkpoint{view.projection->version(), ledger_, epoch_, last.last(), last.hash};
    const auto written = view.view->write(batches[i].changes(), checkpoint);
    if (!written) return written;
    view.checkpoint = checkpoint;
  }
  return {};
}

}  // namespace stockfold
