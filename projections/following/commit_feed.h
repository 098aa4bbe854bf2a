// Reads the log once, and ahead, for several threads that fold it at the same time.
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

/// Threads that read and decode the log from its first event to its head at the time the feed is made. Each
/// thread reads one stretch at a time. They stay a bounded number of events ahead of the slowest of the
/// feed's cursors.
class CommitFeed {
 public:
  /// `readers` threads, one at least, read the log. The log must outlive the feed.
  CommitFeed(const EventLog& log, std::size_t cursors, std::size_t readers);
  /// Ends the threads. All cursors must have been destroyed.
  ~CommitFeed();
  CommitFeed(const CommitFeed&) = delete;
  CommitFeed& operator=(const CommitFeed&) = delete;

  /// The cursor with this number, from 0. Each is taken once and used by one thread. It returns every commit
  /// in order, as if one thread had read them, and all commits that come before a fault. Past the end of the
  /// feed it reads the log itself. A cursor that is destroyed no longer holds up the others.
  [[nodiscard]] std::unique_ptr<LogCursor> cursor(std::size_t number);

 private:
  class Cursor;
  using Commits = std::vector<std::shared_ptr<const Commit>>;
  /// The commits that wait for one cursor.
  struct Queue {
    Commits commits;
    std::size_t events = 0;
    bool closed = false;  ///< The cursor has been destroyed.
  };
  /// The commits that start in a part of the log.
  struct Stretch {
    std::uint64_t number = 0;
    Commits commits;
    std::size_t events = 0;
    std::optional<Fault> fault;  ///< The fault that follows the commits.
  };

  void run();
  /// The next stretch that no thread reads yet. Empty at the end, and if every cursor is closed.
  std::optional<std::uint64_t> begin_stretch();
  [[nodiscard]] Stretch read_stretch(std::uint64_t number) const;
  /// Hands the stretch to every cursor, once it is its turn and each cursor has room.
  void hand_out(Stretch stretch);
  /// All commits that wait for a cursor, at least one; none at the end of the feed.
  Result<Commits> take(Queue& queue);
  void close(Queue& queue);
  [[nodiscard]] bool has_ended() const;  ///< The caller holds the mutex.

  const EventLog& log_;
  const GlobalPosition end_;
  const std::uint64_t stretches_;

  std::mutex mutex_;  ///< Guards all members below except the threads.
  std::condition_variable changed_;
  std::vector<Queue> queues_;
  std::uint64_t begun_ = 0;       ///< Number of stretches whose reading has begun.
  std::uint64_t handed_out_ = 0;  ///< Number of stretches that were put in the queues.
  CommitChain chain_;             ///< Of the stretches that were handed out.
  std::optional<Fault> fault_;    ///< Ends the feed early.
  std::vector<std::thread> threads_;
};

}  // namespace stockfold
