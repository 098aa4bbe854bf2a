// How a silent connection finds out that its other end is gone. Server and clients use it.
#pragma once

#include <boost/asio/ip/tcp.hpp>

namespace stockfold {

/// After a minute of silence the system probes the other end. It closes the connection if two minutes bring
/// no answer, or if sent bytes are not acknowledged for two minutes. The probes also keep packet filters and
/// load balancers from dropping a quiet connection.
void keep_alive(boost::asio::ip::tcp::socket& socket, boost::system::error_code& error);

}  // namespace stockfold
