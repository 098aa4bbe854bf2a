#include "projections/following/live_rebuild.h"

#include <memory>
#include <string>
#include <utility>

#include "projections/following/commit_feed.h"

namespace stockfold {
namespace {

/// One rebuild, step by step. A fault of a step is the rebuild's.
class LiveRebuild {
 public:
  LiveRebuild(const EventLog& log, ViewStore& views, Follower& follower, const Projection& projection,
              const LiveRebuildOptions& options, std::stop_token stop)
      : log_(log),
        views_(views),
        follower_(follower),
        projection_(projection),
        options_(options),
        stop_(std::move(stop)) {}

  Result<std::optional<RebuiltView>> run() {
    auto rebuilt = build_and_replace();
    if (rebuilt && *rebuilt) return rebuilt;
    auto dropped = drop_shadow();
    if (stop_.stop_requested()) return std::nullopt;
    if (rebuilt && !dropped) return std::unexpected(std::move(dropped.error()));
    return rebuilt;
  }

 private:
  Result<std::optional<RebuiltView>> build_and_replace() {
    auto shadow = views_.make_shadow(projection_.name());
    if (!shadow) return std::unexpected(std::move(shadow.error()));
    shadow_ = *shadow;
    if (auto built = build(); !built) return std::unexpected(std::move(built.error()));
    if (auto level = bring_level(); !level) return std::unexpected(std::move(level.error()));
    if (stop_.stop_requested()) return std::nullopt;

    const GlobalPosition position = live_snapshot_->checkpoint().position;
    auto compared = compare(projection_.name(), *live_snapshot_, *shadow_snapshot_, stop_);
    live_snapshot_.reset();
    shadow_snapshot_.reset();
    if (!compared) return std::unexpected(std::move(compared.error()));
    RebuiltView rebuilt = rebuilt_view(std::string(projection_.name()), position, std::move(*compared));
    const bool same = rebuilt.finding == RebuildFinding::same;
    auto placed = same ? replace_view() : options_.between_commits([this] { return replace_view(); });
    if (!placed) return std::unexpected(std::move(placed.error()));
    return rebuilt;
  }

  /// Builds from the first event to near the head, which moves on meanwhile.
  Result<void> build() {
    const CatchUp::Projected projected{&projection_, shadow_};
    CommitFeed feed(log_, 1, 1);  // the other cores are for commands
    CatchUp catch_up = CatchUp::from_nothing(log_, {&projected, 1}, feed.cursor(0));
    while (!stop_.stop_requested()) {
      auto folded = catch_up.step(options_.events_a_batch);
      if (!folded) return std::unexpected(std::move(folded.error()));
      const GlobalPosition at = catch_up.position();
      const GlobalPosition head = log_.head().position;
      if (options_.progress) options_.progress(at, head);
      if (*folded == 0 || head.value() - at.value() <= options_.near_events) break;
    }
    return views_.flush();  // so that little is left to flush when the shadow replaces the view
  }

  /// Waits until the follower has view and shadow at one position, and takes snapshots of both there.
  Result<void> bring_level() {
    auto done = follower_.between_batches([this](CatchUp& catch_up) -> Result<void> {
      catch_up.add_shadow({&projection_, shadow_});
      return {};
    });
    is_followed_ = done.has_value();
    while (done && live_snapshot_ == nullptr && !stop_.stop_requested()) {
      done = follower_.between_batches([this](CatchUp& catch_up) -> Result<void> {
        if (!catch_up.level_with_shadow(projection_.name())) return {};
        live_snapshot_ = views_.view(projection_.name()).snapshot();
        shadow_snapshot_ = shadow_->snapshot();
        return {};
      });
    }
    return done;
  }

  /// If no thread appends, the views then hold all events of the log.
  Result<void> replace_view() {
    auto placed = follower_.between_batches([this](CatchUp& catch_up) -> Result<void> {
      const GlobalPosition head = log_.head().position;
      while (catch_up.position() < head || !catch_up.level_with_shadow(projection_.name())) {
        auto folded = catch_up.step(options_.events_a_batch);
        if (!folded) return std::unexpected(std::move(folded.error()));
      }
      catch_up.remove_shadow(projection_.name());
      if (auto replaced = views_.replace_by_shadow(projection_.name()); !replaced) return replaced;
      catch_up.continue_from_view(projection_.name());
      return {};
    });
    if (placed) is_followed_ = false;
    return placed;
  }

  Result<void> drop_shadow() {
    live_snapshot_.reset();
    shadow_snapshot_.reset();
    if (is_followed_) {
      auto removed = follower_.between_batches([this](CatchUp& catch_up) -> Result<void> {
        catch_up.remove_shadow(projection_.name());
        return {};
      });
      if (!removed) return removed;
    }
    return views_.drop_shadow(projection_.name());
  }

  const EventLog& log_;
  ViewStore& views_;
  Follower& follower_;
  const Projection& projection_;
  const LiveRebuildOptions& options_;
  const std::stop_token stop_;
  View* shadow_ = nullptr;
  bool is_followed_ = false;  ///< The follower follows the shadow.
  std::unique_ptr<ViewSnapshot> live_snapshot_;
  std::unique_ptr<ViewSnapshot> shadow_snapshot_;
};

}  // namespace

Result<std::optional<RebuiltView>> rebuild_live(const EventLog& log, ViewStore& views, Follower& follower,
                                                const Projection& projection,
                                                const LiveRebuildOptions& options,
                                                const std::stop_token& stop) {
  return LiveRebuild(log, views, follower, projection, options, stop).run();
}

}  // namespace stockfold
