// How the coroutines of the server await.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace stockfold {

/// Completes with (error code, results ...), and does not throw.
inline constexpr auto kAsTuple = boost::asio::as_tuple(boost::asio::use_awaitable);

/// For work on another thread: Asio 1.81 sends the cancellation there, and does not keep it alive until it
/// arrives.
inline auto not_cancelled() {
  return boost::asio::bind_cancellation_slot(boost::asio::cancellation_slot(), boost::asio::use_awaitable);
}

}  // namespace stockfold
