// How a connection on which nothing is said finds out that its other end is gone. Both sides use it.
#pragma once

#include <boost/asio/ip/tcp.hpp>

namespace stockfold {

/// Has the system ask the other end for a sign of life after a minute of silence, and close the connection
/// where two minutes bring none, or do not see sent bytes arrive. Packet filters and balancers that forget
/// quiet connections remember these.
void keep_alive(boost::asio::ip::tcp::socket& socket, boost::system::error_code& error);

}  // namespace stockfold
