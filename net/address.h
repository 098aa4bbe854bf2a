// The address that a connection comes from.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>

namespace stockfold {

/// "?" if the connection is closed.
inline std::string address_of(const boost::asio::ip::tcp::socket& socket) {
  boost::system::error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  return error ? "?" : endpoint.address().to_string();
}

}  // namespace stockfold
