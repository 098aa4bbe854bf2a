// Views that are not ready when the ledger is: they are built from the log while it serves.
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

/// Builds views in their place, all of them in one pass over the log, from their checkpoints, or from nothing
/// where their rows cannot be carried on; then the follower follows them with the others. Until then nobody
/// may read them: see progress(). A crash loses what was not yet durable, and the next start goes on from the
/// checkpoint.
class LateViews {
 public:
  struct Options {
    std::size_t events_a_batch = 16'384;
    /// The follower takes the views over when they trail the head by no more than this; so many events it
    /// folds for them alone, between two of its batches.
    std::uint64_t near_events = 20'000;
    /// After so many events what was built is made durable: about what a crash costs.
    std::uint64_t flush_every_events = 2'000'000;
  };
  /// Called on the thread that builds.
  struct Callbacks {
    std::function<void()> built;  ///< All of them are ready.
    /// It stopped; the store cannot be trusted or written any more.
    std::function<void(const Fault&)> failed;
  };
  /// Where the build is on its way through the log.
  struct Progress {
    GlobalPosition at;
    GlobalPosition head;
  };

  /// `projections`: none of which the follower follows; it may be empty. The log, the views and the follower
  /// must outlive it.
  LateViews(const EventLog& log, ViewStore& views, Follower& follower,
            std::vector<const Projection*> projections, Options options, Callbacks callbacks);
  /// Stops it.
  ~LateViews() { stop(); }
  LateViews(const LateViews&) = delete;
  LateViews& operator=(const LateViews&) = delete;

  /// Once, after the follower was started.
  void start();
  /// Ends the thread, whether the views are ready or not. Before the follower is stopped.
  void stop();

  /// While there is no room on the disk nothing is built; it goes on where it was. Any thread.
  void pause(bool paused) { pause_.set(paused); }

  /// Of a view that is not ready, from the beginning; empty where it is, or was never late. Any thread.
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
