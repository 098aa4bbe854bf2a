#include "server/engine/stand_in.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace stockfold {
namespace {

/// Between two looks, while there are appends.
constexpr std::chrono::milliseconds kLook{5};
/// After so many looks without an append the stand-in sleeps until the next one.
constexpr int kQuietLooks = 20;
/// The longest wait for a handler that is ready. The end of a loan cuts it short.
constexpr std::chrono::milliseconds kSlice{50};

}  // namespace

StandIn::StandIn(boost::asio::io_context& sockets, std::function<void()> before_each)
    : sockets_(sockets),
      before_each_(std::move(before_each)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

StandIn::Clock::duration StandIn::lent_for() const {
  if (!lent_.load()) return Clock::duration(0);
  return Clock::now() - begun_.load(std::memory_order_relaxed);
}

// ---- the serving thread -----------------------------------------------------------------------------------

// Either begin() sees that the stand-in is asleep, or the stand-in, which says so first, sees that the
// sockets are lent. Both in sequentially consistent order.

void StandIn::begin() {
  begun_.store(Clock::now(), std::memory_order_relaxed);
  lent_.store(true);
  turn_.unlock();
  if (slow_ || asleep_.load()) call();
}

void StandIn::end() {
  lent_.store(false);
  if (!turn_.try_lock()) {
    boost::asio::post(sockets_, [] {});  // the stand-in may wait for a handler
    turn_.lock();
  }
  slow_ = Clock::now() - begun_.load(std::memory_order_relaxed) > kMoment;
}

void StandIn::call() {
  {
    const std::lock_guard lock(mutex_);
    called_ = true;
    at_once_ = slow_;
  }
  calls_.notify_one();
}

// ---- the stand-in -----------------------------------------------------------------------------------------

void StandIn::run(const std::stop_token& stop) {
  Clock::time_point seen;
  int quiet = 0;
  while (!stop.stop_requested()) {
    const bool at_once = sleep(quiet >= kQuietLooks, stop);
    const Clock::time_point begun = begun_.load(std::memory_order_relaxed);
    quiet = begun == seen && !lent_.load() ? quiet + 1 : 0;
    seen = begun;
    if (lent_.load() && (at_once || lent_for() >= kMoment)) stand_in();
  }
}

bool StandIn::sleep(bool deeply, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto is_called = [this] { return called_; };
  if (deeply) {
    asleep_.store(true);
    if (!lent_.load()) calls_.wait(lock, stop, is_called);
    asleep_.store(false);
  } else {
    calls_.wait_for(lock, stop, kLook, is_called);
  }
  called_ = false;
  return std::exchange(at_once_, false);
}

void StandIn::stand_in() {
  // Where the turn is not free, the serving thread has taken it back.
  const std::unique_lock turn(turn_, std::try_to_lock);
  while (turn && lent_.load() && !sockets_.stopped()) {
    before_each_();
    sockets_.run_one_for(kSlice);
  }
}

}  // namespace stockfold
