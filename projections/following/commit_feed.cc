#include "projections/following/commit_feed.h"

#include <algorithm>
#include <utility>

namespace stockfold {
namespace {

/// How far the threads read ahead of a cursor: some 10 MB of decoded commits.
constexpr std::size_t kEventsAhead = 32'768;
/// Positions of a stretch. Few enough that the commits are still in the processor's cache when they are
/// folded; many enough that waking a cursor and finding the start of the stretch cost little.
constexpr std::uint64_t kStretch = 8'192;

}  // namespace

class CommitFeed::Cursor final : public LogCursor {
 public:
  Cursor(CommitFeed& feed, Queue& queue) : feed_(feed), queue_(queue) {}
  ~Cursor() override { feed_.close(queue_); }

  Result<std::shared_ptr<const Commit>> next() override {
    if (beyond_ != nullptr) return beyond_->next();
    if (at_ == taken_.size()) {
      auto taken = feed_.take(queue_);
      if (!taken) return std::unexpected(std::move(taken.error()));
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
  std::unique_ptr<LogCursor> beyond_;  ///< Set once the feed has ended.
};

CommitFeed::CommitFeed(const EventLog& log, std::size_t cursors, std::size_t readers)
    : log_(log),
      end_(log.head().position),
      stretches_((end_.value() + kStretch - 1) / kStretch),
      queues_(cursors),
      chain_(log.head()) {
  threads_.reserve(readers);
  for (std::size_t i = 0; i < readers; ++i) threads_.emplace_back([this] { run(); });
}

CommitFeed::~CommitFeed() {
  {
    const std::lock_guard lock(mutex_);
    for (Queue& queue : queues_) queue.closed = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::unique_ptr<LogCursor> CommitFeed::cursor(std::size_t number) {
  return std::make_unique<Cursor>(*this, queues_.at(number));
}

void CommitFeed::run() {
  while (const auto number = begin_stretch()) hand_out(read_stretch(*number));
}

std::optional<std::uint64_t> CommitFeed::begin_stretch() {
  const std::lock_guard lock(mutex_);
  if (begun_ == stretches_ || fault_ || std::ranges::all_of(queues_, &Queue::closed)) return std::nullopt;
  return begun_++;
}

CommitFeed::Stretch CommitFeed::read_stretch(std::uint64_t number) const {
  Stretch stretch{.number = number, .commits = {}, .fault = {}};
  const GlobalPosition first(number * kStretch + 1);
  const GlobalPosition last = std::min(end_, GlobalPosition((number + 1) * kStretch));
  const auto cursor = log_.read(first);
  for (GlobalPosition next = first; next <= last;) {
    auto commit = cursor->next();
    if (!commit) stretch.fault = std::move(commit.error());
    if (!commit || *commit == nullptr) break;
    next = (*commit)->last().next();
    if ((*commit)->first() < first) continue;  // of the stretch before
    stretch.events += (*commit)->events.size();
    stretch.commits.push_back(std::move(*commit));
  }
  return stretch;
}

void CommitFeed::hand_out(Stretch stretch) {
  const auto has_room = [](const Queue& queue) { return queue.closed || queue.events < kEventsAhead; };
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return handed_out_ == stretch.number || fault_; });
  if (fault_) return;
  changed_.wait(lock, [&] { return std::ranges::all_of(queues_, has_room); });
  // A cursor proves the chain within a stretch; this proves it from one stretch to the next.
  std::size_t sound = 0;
  for (; sound < stretch.commits.size() && !fault_; ++sound) {
    auto follows = chain_.follow(*stretch.commits[sound]);
    if (!follows) fault_ = std::move(follows.error());
  }
  if (fault_) stretch.commits.resize(sound - 1);
  if (!fault_) fault_ = std::move(stretch.fault);
  for (Queue& queue : queues_) {
    if (queue.closed) continue;
    queue.commits.insert(queue.commits.end(), stretch.commits.begin(), stretch.commits.end());
    queue.events += stretch.events;
  }
  ++handed_out_;
  lock.unlock();
  changed_.notify_all();
}

bool CommitFeed::has_ended() const { return handed_out_ == stretches_ || fault_; }

Result<CommitFeed::Commits> CommitFeed::take(Queue& queue) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !queue.commits.empty() || has_ended(); });
  if (queue.commits.empty() && fault_) return std::unexpected(*fault_);
  queue.events = 0;
  Commits commits = std::exchange(queue.commits, {});
  lock.unlock();
  changed_.notify_all();
  return commits;
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
