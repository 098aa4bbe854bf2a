#include "projections/commit_feed.h"

#include <algorithm>
#include <utility>

namespace stockfold {
namespace {

/// How far the thread reads ahead of a cursor: some 10 MB of decoded commits.
constexpr std::size_t kEventsAhead = 32'768;
/// So many are handed out together: to wake somebody up for each small commit would cost more than to fold
/// it.
constexpr std::size_t kEventsAtOnce = 1'024;

}  // namespace

class CommitFeed::Cursor final : public LogCursor {
 public:
  Cursor(CommitFeed& feed, Queue& queue) : feed_(feed), queue_(queue) {}
  ~Cursor() override { feed_.close(queue_); }

  std::expected<std::shared_ptr<const Commit>, Fault> next() override {
    if (beyond_ != nullptr) return beyond_->next();
    if (at_ == taken_.size()) {
      auto taken = feed_.take(queue_);
      if (!taken) return std::unexpected(taken.error());
      taken_ = std::move(*taken);
      at_ = 0;
    }
    if (at_ < taken_.size()) return std::move(taken_[at_++]);
    beyond_ = feed_.log_.read(feed_.end_.next());
    return beyond_->next();
  }

 private:
  CommitFeed& feed_;
  Queue& queue_;
  Commits taken_;
  std::size_t at_ = 0;
  std::unique_ptr<LogCursor> beyond_;  ///< Once the feed has ended.
};

CommitFeed::CommitFeed(const EventLog& log, std::size_t cursors)
    : log_(log), end_(log.head().position), queues_(cursors), thread_([this] { run(); }) {}

CommitFeed::~CommitFeed() {
  {
    const std::lock_guard lock(mutex_);
    for (Queue& queue : queues_) queue.closed = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::unique_ptr<LogCursor> CommitFeed::cursor(std::size_t number) {
  return std::make_unique<Cursor>(*this, queues_.at(number));
}

void CommitFeed::run() {
  std::optional<Fault> fault;
  Commits commits;
  std::size_t events = 0;
  const auto cursor = log_.read(GlobalPosition(1));
  for (bool more = end_ > GlobalPosition(0); more;) {
    auto commit = cursor->next();
    if (!commit) fault = commit.error();
    if (!commit || *commit == nullptr) break;
    events += (*commit)->events.size();
    more = (*commit)->last() < end_;
    commits.push_back(std::move(*commit));
    if (more && events < kEventsAtOnce) continue;
    if (!hand_out(commits, std::exchange(events, 0))) break;
    commits.clear();
  }
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
    fault_ = std::move(fault);
  }
  changed_.notify_all();
}

bool CommitFeed::hand_out(const Commits& commits, std::size_t events) {
  const auto has_room = [](const Queue& queue) { return queue.closed || queue.events < kEventsAhead; };
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return std::ranges::all_of(queues_, has_room); });
  bool wanted = false;
  for (Queue& queue : queues_) {
    if (queue.closed) continue;
    wanted = true;
    queue.commits.insert(queue.commits.end(), commits.begin(), commits.end());
    queue.events += events;
  }
  changed_.notify_all();
  return wanted;
}

std::expected<CommitFeed::Commits, Fault> CommitFeed::take(Queue& queue) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !queue.commits.empty() || done_; });
  if (queue.commits.empty() && fault_) return std::unexpected(*fault_);
  queue.events = 0;
  changed_.notify_all();
  return std::exchange(queue.commits, {});
}

void CommitFeed::close(Queue& queue) {
  {
    const std::lock_guard lock(mutex_);
    queue.closed = true;
    queue.commits.clear();
  }
  changed_.notify_all();
}

}  // namespace stockfold
