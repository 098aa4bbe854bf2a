// A stretch of the log, read on a thread of its own.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/event_log.h"
#include "core/fault.h"
#include "core/numbers.h"

namespace stockfold {

/// Commits in order, read and decoded while those before them are folded. Some 20,000 events are held at
/// most, or a few commits where those are larger. next() is for one thread; the log must outlive it.
class ReadAhead {
 public:
  /// From the commit that holds `from` to the one that holds `to`, or to the end of the log.
  ReadAhead(const EventLog& log, GlobalPosition from, GlobalPosition to);
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// As LogCursor::next(); null once the last was given. After a fault it is of no more use.
  std::expected<std::shared_ptr<const Commit>, Fault> next();

 private:
  using Batch = std::vector<std::shared_ptr<const Commit>>;

  void read(LogCursor& cursor, GlobalPosition from, GlobalPosition to);
  /// False where nobody wants it any more.
  bool hand_over(Batch batch);
  void end(std::optional<Fault> fault);

  Batch current_;  ///< Of which `taken_` were given.
  std::size_t taken_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> ready_;     // behind mutex_
  std::optional<Fault> fault_;  // behind mutex_
  bool ended_ = false;          // behind mutex_: nothing comes after what is ready
  bool stopping_ = false;       // behind mutex_
  std::thread thread_;
};

}  // namespace stockfold
