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
  /// At most, when it is behind; otherwise a batch is what has gathered. More would collapse few rows more.
  std::size_t events_a_batch = 65'536;
  /// Bounds how far durable checkpoints trail the log, and so a restart: about a second of folding. Less
  /// would leave many small tables a second at full load.
  std::size_t flush_every_events = 500'000;
  /// A batch begins no sooner than this after the one before it began, unless that was as large as one may
  /// be. With 10,000 products, 450,000 events a second cost a core in batches of 4,096 and half of one in
  /// those of 22,000, for a row that changes often is written once a batch; and a lone command is not
  /// answered later for a thread that wakes up beside it. Nobody who waits for the views waits for this: see
  /// hurry().
  std::chrono::milliseconds gather{50};
};

/// Follows the log from where `catch_up` stands. Started and stopped by its owner; the rest from any thread.
class Follower {
 public:
  /// Called on the follower's thread.
  struct Callbacks {
    std::function<void(GlobalPosition)> applied;  ///< Every view holds all events up to here.
    /// It stopped; the store cannot be trusted or written any more.
    std::function<void(const Fault&)> failed;
  };

  /// What is done to the views between two batches.
  using Task = std::function<Result<void>(CatchUp&)>;

  Follower(CatchUp catch_up, ViewStore& store, FollowerOptions options, Callbacks callbacks);
  /// Stops it.
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  void start();
  /// Folds in one batch of about `max_events` events, and returns how many it read. Only for callers that
  /// never start the follower: they decide when the views follow. After a fault it is of no more use.
  Result<std::size_t> step(std::size_t max_events);
  /// The log has grown: wake up.
  void notify();
  /// Somebody waits for what the log holds by now: it is folded in without gathering more. Any thread.
  void hurry();
  /// Calls `task` on the follower's thread, between two batches, without gathering more before, and returns
  /// when it is done. A fault of the task ends the follower. A fault, and nothing called, where the follower
  /// is not running. Any thread but its own.
  Result<void> between_batches(const Task& task);

  /// Catches up with the head as it is, makes the views durable, and ends the thread. A second call does
  /// nothing.
  void stop();

  /// Every view holds all events up to here.
  [[nodiscard]] GlobalPosition applied() const {
    return GlobalPosition(applied_.load(std::memory_order_acquire));
  }

 private:
  void run();
  /// False where it is the last time.
  bool wait_for_work();
  Result<void> drain();
  /// Says how far the views are, and makes them durable every so many events.
  Result<void> publish();
  Result<void> run_tasks();
  /// No task is taken any more; those that wait are told so.
  void end();
  /// Until then, or until somebody is in a hurry.
  void gather(std::chrono::steady_clock::time_point until);

  /// A task and who waits for it, under mutex_.
  struct Waiting {
    const Task& task;
    std::optional<Result<void>> result;
  };

  CatchUp catch_up_;
  ViewStore& store_;
  FollowerOptions options_;
  Callbacks callbacks_;
  std::atomic<std::uint64_t> applied_;
  GlobalPosition flushed_;  ///< What was folded in when the last flush began.
  std::mutex mutex_;
  std::condition_variable wake_;
  bool notified_ = false;
  bool idle_ = false;  ///< It waits to be notified.
  bool hurried_ = false;
  bool stopping_ = false;
  bool running_ = false;
  std::vector<Waiting*> tasks_;
  std::condition_variable task_done_;
  std::thread thread_;
};

}  // namespace stockfold
