// The log, read once and ahead for several who fold it at the same time.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/event_log.h"
#include "core/fault.h"

namespace stockfold {

/// A thread that reads and decodes the log from its first event to the head as it is when the feed is made,
/// and stays a bounded number of events ahead of the slowest of its cursors.
class CommitFeed {
 public:
  /// The log must outlive it.
  CommitFeed(const EventLog& log, std::size_t cursors);
  /// Ends the thread. Cursors must be gone.
  ~CommitFeed();
  CommitFeed(const CommitFeed&) = delete;
  CommitFeed& operator=(const CommitFeed&) = delete;

  /// Number `number`, from 0, each of which is taken once and used by one thread. Past the end of the feed it
  /// reads the log itself. Whoever lets one go no longer holds up the others.
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

  void run();
  /// Hands commits to every cursor, once each has room; false where nobody wants any more.
  bool hand_out(const Commits& commits, std::size_t events);
  /// All that waits for a cursor, one at least: none at the end of the feed.
  std::expected<Commits, Fault> take(Queue& queue);
  void close(Queue& queue);

  const EventLog& log_;
  const GlobalPosition end_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Queue> queues_;
  bool done_ = false;           ///< All was handed out, or reading failed.
  std::optional<Fault> fault_;  ///< Why it failed.
  std::thread thread_;
};

}  // namespace stockfold
