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

asio::awaitable<void> drain(asio::ip::tcp::socket& socket, std::uint64_t& received) {
  thread_local std::array<char, 64U << 10> dropped;  // no connection needs memory of its own for that
  boost::system::error_code error;
  while (!error) {
    std::tie(error) = co_await socket.async_wait(asio::ip::tcp::socket::wait_read, kAsTuple);
    if (error) co_return;
    received += socket.read_some(asio::buffer(dropped), error);
    if (error == asio::error::would_block) error.clear();
  }
}

bool is_busy(asio::ip::tcp::socket& socket) {
  boost::system::error_code closed;  // then nothing is
  if (socket.available(closed) > 0) return true;
  int waiting = 0;
  return !closed && ::ioctl(socket.native_handle(), SIOCOUTQNSD, &waiting) == 0 && waiting > 0;
}

}  // namespace stockfold
