// How a connection ends without the loss of what was sent over it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>

namespace stockfold {

/// Receives and drops what the client still sends, until the client ends the connection or it is closed here.
/// `received` counts bytes. `socket` does not block. A connection that is closed with unread input is reset,
/// and then the client's system drops answers that the client has not read yet.
boost::asio::awaitable<void> drain(boost::asio::ip::tcp::socket& socket, std::uint64_t& received);

/// The socket has input that was not read, or output that the client's system has not room for yet.
[[nodiscard]] bool is_busy(boost::asio::ip::tcp::socket& socket);

}  // namespace stockfold
