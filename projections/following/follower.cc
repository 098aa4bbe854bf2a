#include "projections/following/follower.h"

#include <utility>

namespace stockfold {

namespace {

Fault not_running() { return {FaultKind::io, "the views are no longer followed", {}}; }

}  // namespace

// It is not known how much of the earlier work of `catch_up` is durable. So flushed_ is 0, and the first
// batch is made durable.
Follower::Follower(CatchUp catch_up, ViewStore& store, FollowerOptions options, Callbacks callbacks)
    : catch_up_(std::move(catch_up)),
      store_(store),
      options_(options),
      callbacks_(std::move(callbacks)),
      applied_(catch_up_.position().value()) {}

Follower::~Follower() { stop(); }

void Follower::start() {
  notified_ = running_ = true;
  thread_ = std::thread([this] { run(); });
}

Result<std::size_t> Follower::step(std::size_t max_events) {
  auto events = catch_up_.step(max_events);
  if (!events || *events == 0) return events;
  if (auto published = publish(); !published) return std::unexpected(std::move(published.error()));
  return events;
}

void Follower::notify() {
  {
    const std::lock_guard lock(mutex_);
    notified_ = true;
    if (!idle_) return;
  }
  wake_.notify_one();
}

void Follower::hurry() {
  {
    const std::lock_guard lock(mutex_);
    if (hurried_) return;
    hurried_ = true;
  }
  wake_.notify_one();
}

Result<void> Follower::between_batches(const Task& task) {
  Waiting waiting{task, std::nullopt};
  std::unique_lock lock(mutex_);
  if (!running_) return std::unexpected(not_running());
  tasks_.push_back(&waiting);
  wake_.notify_one();
  task_done_.wait(lock, [&] { return waiting.result.has_value(); });
  return *waiting.result;
}

void Follower::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

bool Follower::wait_for_work() {
  std::unique_lock lock(mutex_);
  idle_ = true;
  wake_.wait(lock, [this] { return notified_ || stopping_ || !tasks_.empty(); });
  idle_ = notified_ = false;
  return !stopping_;
}

void Follower::gather(std::chrono::steady_clock::time_point until) {
  std::unique_lock lock(mutex_);
  wake_.wait_until(lock, until, [this] { return hurried_ || stopping_ || !tasks_.empty(); });
  hurried_ = false;
}

void Follower::run() {
  bool more = true;
  while (more) {
    more = wait_for_work();
    auto done = drain();
    if (done && !more) done = store_.flush();
    if (done) continue;
    if (callbacks_.failed) callbacks_.failed(done.error());
    break;
  }
  end();
}

Result<void> Follower::drain() {
  while (true) {
    if (auto done = run_tasks(); !done) return done;
    const auto begun = std::chrono::steady_clock::now();
    auto events = step(options_.events_a_batch);
    if (!events) return std::unexpected(std::move(events.error()));
    if (*events == 0) return {};
    const bool is_behind = *events >= options_.events_a_batch;
    if (!is_behind) gather(begun + options_.gather);
  }
}

Result<void> Follower::publish() {
  const GlobalPosition position = catch_up_.position();
  applied_.store(position.value(), std::memory_order_release);
  if (callbacks_.applied) callbacks_.applied(position);
  if (position.value() - flushed_.value() < options_.flush_every_events) return {};
  flushed_ = position;
  return store_.begin_flush();
}

// ---- tasks ------------------------------------------------------------------------------------------------

Result<void> Follower::run_tasks() {
  std::size_t count = 0;
  {
    const std::lock_guard lock(mutex_);
    count = tasks_.size();  // tasks that come meanwhile wait for the next batch
  }
  for (; count > 0; --count) {
    Waiting* waiting = nullptr;
    {
      const std::lock_guard lock(mutex_);
      waiting = tasks_.front();
      tasks_.erase(tasks_.begin());
    }
    auto result = waiting->task(catch_up_);
    if (result && catch_up_.position() > applied()) result = publish();
    {
      const std::lock_guard lock(mutex_);
      waiting->result = result;
    }
    task_done_.notify_all();
    if (!result) return result;
  }
  return {};
}

void Follower::end() {
  const std::lock_guard lock(mutex_);
  running_ = false;
  for (Waiting* waiting : std::exchange(tasks_, {})) waiting->result = std::unexpected(not_running());
  task_done_.notify_all();
}

}  // namespace stockfold
