#include "projections/read_ahead.h"

#include <utility>

namespace stockfold {
namespace {

/// So few that what is handed over is still in the processor's cache; so many that handing over is rare.
constexpr std::size_t kEventsABatch = 4'096;
constexpr std::size_t kBatchesAhead = 3;

}  // namespace

ReadAhead::ReadAhead(const EventLog& log, GlobalPosition from, GlobalPosition to)
    : thread_([this, &log, from, to] { read(*log.read(from), from, to); }) {}

ReadAhead::~ReadAhead() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::expected<std::shared_ptr<const Commit>, Fault> ReadAhead::next() {
  if (taken_ == current_.size()) {
    current_.clear();
    taken_ = 0;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !ready_.empty() || ended_; });
    if (ready_.empty()) {
      if (fault_) return std::unexpected(*fault_);
      return nullptr;
    }
    current_ = std::move(ready_.front());
    ready_.pop_front();
    lock.unlock();
    changed_.notify_all();
  }
  return std::move(current_[taken_++]);
}

void ReadAhead::read(LogCursor& cursor, GlobalPosition from, GlobalPosition to) {
  Batch batch;
  std::size_t events = 0;
  while (from <= to) {
    auto commit = cursor.next();
    if (!commit) {
      hand_over(std::move(batch));
      return end(std::move(commit.error()));
    }
    if (*commit == nullptr) break;
    from = (*commit)->last().next();
    events += (*commit)->events.size();
    batch.push_back(std::move(*commit));
    if (events < kEventsABatch) continue;
    if (!hand_over(std::exchange(batch, {}))) return;
    events = 0;
  }
  hand_over(std::move(batch));
  end(std::nullopt);
}

bool ReadAhead::hand_over(Batch batch) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return ready_.size() < kBatchesAhead || stopping_; });
  if (stopping_) return false;
  if (!batch.empty()) ready_.push_back(std::move(batch));
  lock.unlock();
  changed_.notify_all();
  return true;
}

void ReadAhead::end(std::optional<Fault> fault) {
  {
    const std::lock_guard lock(mutex_);
    fault_ = std::move(fault);
    ended_ = true;
  }
  changed_.notify_all();
}

}  // namespace stockfold
