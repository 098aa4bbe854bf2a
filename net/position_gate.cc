#include "net/position_gate.h"

#include <boost/asio/post.hpp>

#include "net/awaiting.h"

namespace stockfold {

// A waiter announces itself and then reads the position; reach() stores the position and then looks for
// waiters. Both in sequentially consistent order, so one of the two sees the other.

void PositionGate::reach(GlobalPosition position) {
  position_.store(position.value());
  std::uint64_t lowest = lowest_waited_.load();
  while (lowest <= position.value()) {
    if (!lowest_waited_.compare_exchange_weak(lowest, kNoWaiter)) continue;
    boost::asio::post(executor_, [this] { wake(); });  // announces those that go on waiting
    return;
  }
}

boost::asio::awaitable<bool> PositionGate::wait(GlobalPosition wanted,
                                                std::chrono::steady_clock::time_point deadline) {
  if (position() >= wanted) co_return true;
  if (closed_) co_return false;
  const auto place = waiting_.emplace(wanted.value(), boost::asio::steady_timer(executor_, deadline));
  announce_lowest();
  if (position() < wanted) {
    co_await place->second.async_wait(kAsTuple);
  }
  waiting_.erase(place);
  announce_lowest();
  co_return position() >= wanted;
}

void PositionGate::close() {
  closed_ = true;
  for (auto& [wanted, timer] : waiting_) timer.cancel();
}

void PositionGate::wake() {
  for (;;) {
    const auto beyond = waiting_.upper_bound(position().value());
    for (auto waiter = waiting_.begin(); waiter != beyond; ++waiter) waiter->second.cancel();
    if (beyond == waiting_.end()) return;
    lowest_waited_.store(beyond->first);
    if (position().value() < beyond->first) return;
  }
}

void PositionGate::announce_lowest() {
  lowest_waited_.store(waiting_.empty() ? kNoWaiter : waiting_.begin()->first);
}

}  // namespace stockfold
