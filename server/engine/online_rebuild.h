// Rebuilds views while the ledger serves: one at a time, on its own thread.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <thread>

#include "core/fault.h"
#include "projections/following/follower.h"
#include "projections/following/live_rebuild.h"
#include "projections/following/pause.h"
#include "projections/following/rebuilt_view.h"
#include "projections/projection.h"
#include "server/engine/between_commits.h"
#include "storage/log/event_log.h"
#include "storage/views/view_store.h"

namespace stockfold {

/// Only the serving thread, which is the one that appends, may call the members.
class OnlineRebuild {
 public:
  /// Empty if it was stopped.
  using Outcome = Result<std::optional<RebuiltView>>;

  /// `forget` is called on the serving thread, between two commits: everything read of the views must be
  /// forgotten, and the views hold all events of the log.
  OnlineRebuild(const boost::asio::any_io_executor& network, const EventLog& log, ViewStore& views,
                Follower& follower, BetweenCommits& between_commits, std::function<Result<void>()> forget);

  [[nodiscard]] bool under_way() const { return under_way_; }
  /// Number of rebuilds done, by finding: same, differs, nothing.
  [[nodiscard]] const std::array<std::uint64_t, 3>& done() const { return done_; }
  /// Only while no rebuild is under way. Calls `progress` about every second. Commands go on; they wait only
  /// while a view that differed is replaced.
  boost::asio::awaitable<Outcome> run(const Projection& projection, RebuildProgress progress);
  /// While it is paused (no room on the disk) a shadow does not grow; later it continues where it was.
  void pause(bool paused) { pause_.set(paused); }
  /// Ends a rebuild soon, and leaves its view as it was. The same holds for rebuilds that begin later.
  void stop();

 private:
  void rebuild(const Projection& projection, const std::stop_token& stop);
  Result<void> place(const ReplaceView& replace_view);

  boost::asio::any_io_executor network_;
  const EventLog& log_;
  ViewStore& views_;
  Follower& follower_;
  BetweenCommits& between_commits_;
  std::function<Result<void>()> forget_;
  std::stop_source stop_;
  bool under_way_ = false;
  std::array<std::uint64_t, 3> done_{};
  std::atomic<std::uint64_t> at_ = 0;
  std::atomic<std::uint64_t> head_ = 0;
  std::optional<Outcome> outcome_;  ///< Set on the serving thread.
  Pause pause_;
  boost::asio::steady_timer changed_;  ///< Canceled when it is set.
  std::jthread thread_;
};

}  // namespace stockfold
