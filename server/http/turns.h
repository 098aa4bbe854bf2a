// HTTP connections that pipeline, and wait for their turns (docs/adr/0011).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/awaiting.h"

namespace stockfold {

/// All members are called on the network thread.
class HttpTurns {
 public:
  explicit HttpTurns(boost::asio::io_context& io)
      : waiting_(io, boost::asio::steady_timer::time_point::max()) {}

  /// Waits until it is the caller's turn; whoever waits longest is the first.
  boost::asio::awaitable<void> next() {
    co_await waiting_.async_wait(kAsTuple);
    --given_;
  }

  /// Gives turns until so many have one and have not begun it, or nobody waits. Where turns take longer than
  /// whoever gives them looks at others, more would gather, and others come behind all of them.
  void give(int most) {
    while (given_ < most && waiting_.cancel_one() > 0) ++given_;
  }

 private:
  boost::asio::steady_timer waiting_;
  int given_ = 0;  ///< And not begun.
};

}  // namespace stockfold
