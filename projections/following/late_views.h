// Builds views that are not ready when the ledger is, while the ledger serves.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>
#include <thread>
#include <vector>

#include "core/fault.h"
#include "projections/following/follower.h"
#include "projections/following/pause.h"
#include "projections/projection.h"
#include "storage/log/event_log.h"
#include "storage/views/view_store.h"

namespace stockfold {

/// Builds views in place, all in one pass over the log, from their checkpoints, or from the first event if
/// their rows cannot be used. Then the follower follows them with the other views. Until then they must not
/// be read: see progress(). A crash loses what was not yet durable, and the next start continues from the
/// checkpoint.
class LateViews {
 public:
  struct Options {
    std::size_t events_a_batch = 16'384;
    /// The follower takes over the views once they trail the head by no more than this. It then folds this
    /// many events for them alone, between two of its batches.
    std::uint64_t near_events = 20'000;
    /// After this many events the built rows are made durable: about what a crash costs.
    std::uint64_t flush_every_events = 2'000'000;
  };
  /// Called on the thread that builds.
  struct Callbacks {
    std::function<void()> built;  ///< All of them are ready.
    /// It stopped; the store can no longer be trusted or written.
    std::function<void(const Fault&)> failed;
  };
  /// How far the build has come.
  struct Progress {
    GlobalPosition at;
    GlobalPosition head;
  };

  /// The follower must follow none of `projections`, which may be empty. The log, the views and the follower
  /// must outlive it.
  LateViews(const EventLog& log, ViewStore& views, Follower& follower,
            std::vector<const Projection*> projections, Options options, Callbacks callbacks);
  /// Stops the build.
  ~LateViews() { stop(); }
  LateViews(const LateViews&) = delete;
  LateViews& operator=(const LateViews&) = delete;

  /// Called once, after the follower was started.
  void start();
  /// Ends the thread, whether the views are ready or not. Must be called before the follower is stopped.
  void stop();

  /// While it is paused (no room on the disk) nothing is built; later the build continues where it was. Any
  /// thread.
  void pause(bool paused) { pause_.set(paused); }

  /// The progress of a view that is not ready, from the beginning; empty if the view is ready or was never
  /// late. Any thread.
  [[nodiscard]] std::optional<Progress> progress(std::string_view view) const;

 private:
  void run(const std::stop_token& stop);
  Result<void> build(const std::stop_token& stop);

  const EventLog& log_;
  ViewStore& views_;
  Follower& follower_;
  const std::vector<const Projection*> projections_;
  const Options options_;
  const Callbacks callbacks_;
  std::atomic<std::uint64_t> at_ = 0;
  std::atomic<bool> ready_;
  Pause pause_;
  std::jthread thread_;
};

}  // namespace stockfold
