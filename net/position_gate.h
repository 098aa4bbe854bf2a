// Coroutines that wait until a position is reached, on another thread.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>

#include "core/numbers.h"

namespace stockfold {

/// A position that only rises. It outlives the executor's last run.
class PositionGate {
 public:
  /// `executor` runs one handler at a time; the coroutines wait there.
  PositionGate(boost::asio::any_io_executor executor, GlobalPosition position)
      : executor_(std::move(executor)), position_(position.value()) {}

  [[nodiscard]] GlobalPosition position() const { return GlobalPosition(position_.load()); }

  /// Any thread. Costs almost nothing if no coroutine waits.
  void reach(GlobalPosition position);

  /// Waits until `wanted` is reached, `deadline` has passed or the gate is closed. Returns whether `wanted`
  /// is reached.
  boost::asio::awaitable<bool> wait(GlobalPosition wanted, std::chrono::steady_clock::time_point deadline);

  /// Ends every wait, and those that begin later. On the executor.
  void close();
  /// On the executor.
  [[nodiscard]] bool closed() const { return closed_; }

 private:
  static constexpr std::uint64_t kNoWaiter = std::numeric_limits<std::uint64_t>::max();

  void wake();
  void announce_lowest();

  boost::asio::any_io_executor executor_;
  std::multimap<std::uint64_t, boost::asio::steady_timer> waiting_;  // on the executor
  bool closed_ = false;                                              // on the executor
  std::atomic<std::uint64_t> position_;
  std::atomic<std::uint64_t> lowest_waited_{kNoWaiter};
};

}  // namespace stockfold
