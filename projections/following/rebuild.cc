#include "projections/following/rebuild.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "projections/following/catch_up.h"
#include "projections/following/commit_feed.h"
#include "storage/views/view_digest.h"

namespace stockfold {
namespace {

constexpr std::chrono::milliseconds kProgressEvery{100};

using Projected = CatchUp::Projected;

/// Folds groups of views, each group on its own thread, from the first event to the head of the log.
class ParallelFold {
 public:
  ParallelFold(const EventLog& log, std::span<const Projected> views, const RebuildOptions& options)
      : log_(log), options_(options), groups_(std::clamp<std::size_t>(options.threads, 1, views.size())) {
    for (std::size_t i = 0; i < views.size(); ++i) groups_[i % groups_.size()].views.push_back(views[i]);
  }

  Result<void> run() {
    CommitFeed feed(log_, groups_.size(), options_.threads);
    std::vector<std::thread> threads;
    threads.reserve(groups_.size());
    for (std::size_t i = 0; i < groups_.size(); ++i)
      threads.emplace_back([this, &feed, i] { fold(groups_[i], feed.cursor(i)); });
    show_progress();
    for (std::thread& thread : threads) thread.join();
    for (const Group& group : groups_) {
      if (!group.result) return group.result;
    }
    return {};
  }

 private:
  struct Group {
    std::vector<Projected> views;
    std::atomic<std::uint64_t> position = 0;
    Result<void> result;
  };

  void fold(Group& group, std::unique_ptr<LogCursor> commits) {
    CatchUp catch_up = CatchUp::from_nothing(log_, group.views, std::move(commits));
    while (!stopping_) {
      auto folded = catch_up.step(options_.events_a_batch);
      if (!folded) group.result = std::unexpected(std::move(folded.error()));
      if (!folded) stopping_ = true;  // the work of the other threads is of no use
      if (!folded || *folded == 0) break;
      group.position = catch_up.position().value();
    }
    const std::lock_guard lock(mutex_);
    ++ended_;
    ended_one_.notify_one();
  }

  /// Runs until every thread has ended.
  void show_progress() {
    std::unique_lock lock(mutex_);
    const auto all_ended = [this] { return ended_ == groups_.size(); };
    while (!ended_one_.wait_for(lock, kProgressEvery, all_ended)) {
      if (!options_.progress) continue;
      lock.unlock();
      std::uint64_t lowest = groups_.front().position;
      for (const Group& group : groups_) lowest = std::min(lowest, group.position.load());
      options_.progress(GlobalPosition(lowest), log_.head().position);
      lock.lock();
    }
  }

  const EventLog& log_;
  const RebuildOptions& options_;
  std::vector<Group> groups_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::condition_variable ended_one_;
  std::size_t ended_ = 0;
};

/// Brings one view in use to the head, as opening the ledger does.
Result<void> catch_up(const EventLog& log, ViewStore& views, const Projection& projection,
                      std::size_t events_a_batch) {
  const std::array projections{&projection};
  auto started = CatchUp::start(log, views, projections);
  if (!started) return std::unexpected(std::move(started.error()));
  for (;;) {
    auto folded = started->step(events_a_batch);
    if (!folded) return std::unexpected(std::move(folded.error()));
    if (*folded == 0) return {};
  }
}

/// The report of a rebuilt view that was compared with nothing.
Result<RebuiltView> uncompared(std::string_view name, const View& shadow) {
  const auto snapshot = shadow.snapshot();
  const ViewCheckpoint checkpoint = snapshot->checkpoint();
  RebuiltView rebuilt{.view = std::string(name), .position = checkpoint.position};
  ViewDigester digester(name, checkpoint.version, checkpoint.position);
  auto scanned = snapshot->scan("", [&](std::string_view key, std::string_view value) {
    digester.add(key, value);
    ++rebuilt.rows;
    return true;
  });
  if (!scanned) return std::unexpected(std::move(scanned.error()));
  rebuilt.digest = digester.finish();
  return rebuilt;
}

Result<RebuiltView> judge(const EventLog& log, ViewStore& views, const Projected& shadow,
                          std::size_t events_a_batch) {
  const Projection& projection = *shadow.projection;
  const std::string name(projection.name());
  const View& live = views.view(name);
  std::string reason = why_rebuilt(live.checkpoint(), projection, log.head());
  RebuildFinding finding = RebuildFinding::nothing;
  if (reason.empty()) {
    auto level = catch_up(log, views, projection, events_a_batch);
    auto compared = level ? compare(name, *live.snapshot(), *shadow.view->snapshot())
                          : Result<Comparison>(std::unexpected(std::move(level.error())));
    if (compared) return rebuilt_view(name, live.checkpoint().position, *compared);
    // The log could be folded, so the view's own rows are damaged.
    if (compared.error().kind != FaultKind::corruption) return std::unexpected(std::move(compared.error()));
    finding = RebuildFinding::differs;
    reason = compared.error().what;
  }
  auto rebuilt = uncompared(name, *shadow.view);
  if (!rebuilt) return rebuilt;
  rebuilt->finding = finding;
  rebuilt->reason = std::move(reason);
  return rebuilt;
}

Result<std::vector<RebuiltView>> rebuild_into(const EventLog& log, ViewStore& views,
                                              std::span<const Projected> shadows,
                                              const RebuildOptions& options) {
  if (auto folded = ParallelFold(log, shadows, options).run(); !folded)
    return std::unexpected(std::move(folded.error()));
  std::vector<RebuiltView> rebuilt;
  for (const Projected& shadow : shadows) {
    auto judged = judge(log, views, shadow, options.events_a_batch);
    if (!judged) return std::unexpected(std::move(judged.error()));
    if (auto placed = views.replace_by_shadow(judged->view); !placed)
      return std::unexpected(std::move(placed.error()));
    rebuilt.push_back(std::move(*judged));
  }
  return rebuilt;
}

}  // namespace

RebuiltView rebuilt_view(std::string view, GlobalPosition position, Comparison comparison) {
  return {.view = std::move(view),
          .position = position,
          .rows = comparison.rows,
          .digest = comparison.rebuilt,
          .finding = comparison.first ? RebuildFinding::differs : RebuildFinding::same,
          .live = comparison.live,
          .difference = std::move(comparison.first),
          .reason = {}};
}

Result<std::vector<RebuiltView>> rebuild(const EventLog& log, ViewStore& views,
                                         std::span<const Projection* const> projections,
                                         const RebuildOptions& options) {
  std::vector<Projected> shadows;
  Result<std::vector<RebuiltView>> rebuilt;
  for (const Projection* projection : projections) {
    auto shadow = views.make_shadow(projection->name());
    if (!shadow) rebuilt = std::unexpected(std::move(shadow.error()));
    if (!shadow) break;
    shadows.push_back({projection, *shadow});
  }
  if (rebuilt && !shadows.empty()) rebuilt = rebuild_into(log, views, shadows, options);
  for (const Projection* projection : projections) {
    auto dropped = views.drop_shadow(projection->name());  // shadows that did not replace their view
    if (!dropped && rebuilt) rebuilt = std::unexpected(std::move(dropped.error()));
  }
  return rebuilt;
}

}  // namespace stockfold
