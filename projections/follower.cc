#include "projections/follower.h"

#include <utility>

namespace stockfold {

// How much of what `catch_up` did before is durable, nobody says: flushed_ is 0, so the first batch is made
// so.
Follower::Follower(CatchUp catch_up, ViewStore& store, FollowerOptions options, Callbacks callbacks)
    : catch_up_(std::move(catch_up)),
      store_(store),
      options_(options),
      callbacks_(std::move(callbacks)),
      applied_(catch_up_.position().value()) {}

Follower::~Follower() { stop(); }

void Follower::start() {
  notified_ = true;
  thread_ = std::thread([this] { run(); });
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
  wake_.wait(lock, [this] { return notified_ || stopping_; });
  idle_ = notified_ = false;
  return !stopping_;
}

void Follower::gather(std::chrono::steady_clock::time_point until) {
  std::unique_lock lock(mutex_);
  wake_.wait_until(lock, until, [this] { return hurried_ || stopping_; });
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
    return;
  }
}

std::expected<void, Fault> Follower::drain() {
  while (true) {
    const auto begun = std::chrono::steady_clock::now();
    const auto events = catch_up_.step(options_.events_a_batch);
    if (!events) return std::unexpected(events.error());
    if (*events == 0) return {};
    const GlobalPosition position = catch_up_.position();
    applied_.store(position.value(), std::memory_order_release);
    if (callbacks_.applied) callbacks_.applied(position);
    if (position.value() - flushed_.value() >= options_.flush_every_events) {
      if (auto flushing = store_.begin_flush(); !flushing) return flushing;
      flushed_ = position;
    }
    const bool is_behind = *events >= options_.events_a_batch;
    if (!is_behind) gather(begun + options_.gather);
  }
}

}  // namespace stockfold
