// The log, read once and ahead for several who fold it at the same time.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/fault.h"
#include "storage/log/commit_chain.h"
#include "storage/log/event_log.h"

namespace stockfold {

/// Threads that read and decode the log from its first event to the head as it is when the feed is made, each
/// a stretch at a time, and stay a bounded number of events ahead of the slowest of the feed's cursors.
class CommitFeed {
 public:
  /// Read by `readers` threads, one at least. The log must outlive it.
  CommitFeed(const EventLog& log, std::size_t cursors, std::size_t readers);
  /// Ends the threads. Cursors must be gone.
  ~CommitFeed();
  CommitFeed(const CommitFeed&) = delete;
  CommitFeed& operator=(const CommitFeed&) = delete;

  /// Number `number`, from 0, each of which is taken once and used by one thread: every commit in order, as
  /// if one thread had read them, and all that come before a fault. Past the end of the feed it reads the log
  /// itself. Whoever lets one go no longer holds up the others.
  [[nodiscard]] std::unique_ptr<LogCursor> cursor(std::size_t number);

 private:
  class Cursor;
  using Commits = std::vector<std::shared_ptr<const Commit>>;
  /// What waits for one cursor.
  struct Queue {
    Commits commits;
    std::size_t events = 0;
    bool closed = false;  ///< Nobody reads it any more.
  };
  /// The commits that start in a part of the log.
  struct Stretch {
    std::uint64_t number = 0;
    Commits commits;
    std::size_t events = 0;
    std::optional<Fault> fault;  ///< Of what comes after them.
  };

  void run();
  /// The next one that nobody reads yet; empty at the end, and where nobody wants any more.
  std::optional<std::uint64_t> begin_stretch();
  [[nodiscard]] Stretch read_stretch(std::uint64_t number) const;
  /// Hands it to every cursor, once it is its turn and each has room.
  void hand_out(Stretch stretch);
  /// All that waits for a cursor, one at least: none at the end of the feed.
  Result<Commits> take(Queue& queue);
  void close(Queue& queue);
  [[nodiscard]] bool has_ended() const;  ///< With the mutex held.

  const EventLog& log_;
  const GlobalPosition end_;
  const std::uint64_t stretches_;

  std::mutex mutex_;  ///< Guards all that follows but the threads.
  std::condition_variable changed_;
  std::vector<Queue> queues_;
  std::uint64_t begun_ = 0;       ///< So many stretches are read or have been.
  std::uint64_t handed_out_ = 0;  ///< So many are in the queues or have been.
  CommitChain chain_;             ///< Of what was handed out.
  std::optional<Fault> fault_;    ///< Where the feed ends before its time.
  std::vector<std::thread> threads_;
};

}  // namespace stockfold
