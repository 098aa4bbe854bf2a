#include "net/drain.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <tuple>

#include "net/awaiting.h"

namespace stockfold {

namespace asio = boost::asio;

namespace {

/// Reads once, and returns how many bytes that were. No coroutine: those may go on with another thread.
std::size_t drop(asio::ip::tcp::socket& socket, boost::system::error_code& error) {
  thread_local std::array<char, 64U << 10> dropped;  // so no connection needs memory of its own
  const std::size_t count = socket.read_some(asio::buffer(dropped), error);
  if (error == asio::error::would_block) error.clear();
  return count;
}

}  // namespace

asio::awaitable<void> drain(asio::ip::tcp::socket& socket, std::uint64_t& received) {
  boost::system::error_code error;
  while (!error) {
    std::tie(error) = co_await socket.async_wait(asio::ip::tcp::socket::wait_read, kAsTuple);
    if (!error) received += drop(socket, error);
  }
}

bool is_busy(asio::ip::tcp::socket& socket) {
  boost::system::error_code closed;  // a closed socket is not busy
  if (socket.available(closed) > 0) return true;
  int waiting = 0;
  return !closed && ::ioctl(socket.native_handle(), SIOCOUTQNSD, &waiting) == 0 && waiting > 0;
}

}  // namespace stockfold
