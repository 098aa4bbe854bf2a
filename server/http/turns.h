// Turns of HTTP connections that pipeline requests (docs/adr/0011).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/awaiting.h"

namespace stockfold {

/// All members are called on the serving thread.
class HttpTurns {
 public:
  explicit HttpTurns(boost::asio::io_context& io)
      : waiting_(io, boost::asio::steady_timer::time_point::max()) {}

  /// Waits for the caller's turn. The caller that has waited longest is the first.
  boost::asio::awaitable<void> next() {
    co_await waiting_.async_wait(kAsTuple);
    --given_;
  }

  /// Gives turns until `most` connections have one that they have not begun, or none waits. A small `most`
  /// keeps other work of the server from waiting behind many slow turns.
  void give(int most) {
    while (given_ < most && waiting_.cancel_one() > 0) ++given_;
  }

 private:
  boost::asio::steady_timer waiting_;
  int given_ = 0;  ///< Turns given and not begun.
};

}  // namespace stockfold
