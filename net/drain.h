// How a connection ends without the loss of what was sent over it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>

namespace stockfold {

/// Takes what the client still sends, and drops it, until the client ends the connection or that is closed
/// here. `received` counts bytes. Closed with input that was not read, a connection is reset: then the
/// client's system drops the answers that the client has not read yet. `socket` does not block.
boost::asio::awaitable<void> drain(boost::asio::ip::tcp::socket& socket, std::uint64_t& received);

/// There is input that was not read, or output that the client's system has no room for yet.
[[nodiscard]] bool is_busy(boost::asio::ip::tcp::socket& socket);

}  // namespace stockfold
