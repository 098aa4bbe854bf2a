// The thread that keeps the views at the head of the log.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/fault.h"
#include "core/numbers.h"
#include "projections/following/catch_up.h"
#include "storage/views/view_store.h"

namespace stockfold {

struct FollowerOptions {
  /// The largest batch, when it is behind; otherwise a batch is what has gathered. A larger batch would save
  /// few more row writes.
  std::size_t events_a_batch = 65'536;
  /// Bounds how far durable checkpoints trail the log, and so how long a restart takes: about a second of
  /// folding. A lower value would create many small tables a second at full load.
  std::size_t flush_every_events = 500'000;
  /// A batch begins no sooner than this after the previous batch began, unless that batch was full. A row
  /// that changes often is written once a batch: with 10,000 products and 450,000 events a second, batches of
  /// 4,096 events took one core, batches of 22,000 took half of one. Gathering also keeps the thread from
  /// waking up for a lone command and delaying its answer. Callers that wait for the views do not wait for
  /// this: see hurry().
  std::chrono::milliseconds gather{50};
};

/// Follows the log from where `catch_up` stands. The owner starts and stops it; any thread may call the rest.
class Follower {
 public:
  /// Called on the follower's thread.
  struct Callbacks {
    std::function<void(GlobalPosition)> applied;  ///< Every view holds all events up to here.
    /// The follower stopped; the store can no longer be trusted or written.
    std::function<void(const Fault&)> failed;
  };

  /// What is done to the views between two batches.
  using Task = std::function<Result<void>(CatchUp&)>;

  Follower(CatchUp catch_up, ViewStore& store, FollowerOptions options, Callbacks callbacks);
  /// Stops the follower.
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  void start();
  /// Folds in one batch of about `max_events` events, and returns how many it read. Only for callers that
  /// never start the follower: they decide when the views follow. After a fault it must not be used again.
  Result<std::size_t> step(std::size_t max_events);
  /// The log has grown: wakes the follower up.
  void notify();
  /// A caller waits for what the log holds by now: folds it in without gathering more. Any thread.
  void hurry();
  /// Calls `task` on the follower's thread, between two batches, without gathering more first, and returns
  /// when it is done. A fault of the task ends the follower. If the follower is not running, returns a fault
  /// and calls nothing. Any thread but the follower's.
  Result<void> between_batches(const Task& task);

  /// Catches up with the present head, makes the views durable, and ends the thread. A second call does
  /// nothing.
  void stop();

  /// Every view holds all events up to here.
  [[nodiscard]] GlobalPosition applied() const {
    return GlobalPosition(applied_.load(std::memory_order_acquire));
  }

 private:
  void run();
  /// Returns false if this is the last time.
  bool wait_for_work();
  Result<void> drain();
  /// Announces how far the views are, and makes them durable after every flush_every_events events.
  Result<void> publish();
  Result<void> run_tasks();
  /// Accepts no more tasks, and tells the waiting ones so.
  void end();
  /// Waits until then, or until a caller is in a hurry.
  void gather(std::chrono::steady_clock::time_point until);

  /// A task and the caller that waits for it; guarded by mutex_.
  struct Waiting {
    const Task& task;
    std::optional<Result<void>> result;
  };

  CatchUp catch_up_;
  ViewStore& store_;
  FollowerOptions options_;
  Callbacks callbacks_;
  std::atomic<std::uint64_t> applied_;
  GlobalPosition flushed_;  ///< The position when the last flush began.
  std::mutex mutex_;
  std::condition_variable wake_;
  bool notified_ = false;
  bool idle_ = false;  ///< The follower waits for notify().
  bool hurried_ = false;
  bool stopping_ = false;
  bool running_ = false;
  std::vector<Waiting*> tasks_;
  std::condition_variable task_done_;
  std::thread thread_;
};

}  // namespace stockfold
