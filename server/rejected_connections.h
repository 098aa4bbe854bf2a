// Connections that a server rejects because it has as many as it may have.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <string>

#include "server/metrics/metrics.h"

namespace stockfold {

/// Tells their clients so: a client whose connection is only reset cannot know that it should try again
/// later. All members are called on the serving thread.
class RejectedConnections {
 public:
  /// What a client of the binary protocol is sent, and a client of HTTP.
  static std::string farewell();
  static std::string http_farewell();

  /// Sends `farewell`, and closes the connection within a second. An empty farewell is not sent. Of many
  /// clients at once some meet only the end of their connection. `counts` outlives it.
  void tell(boost::asio::ip::tcp::socket socket, const std::string& farewell, ConnectionCounts& counts);

 private:
  boost::asio::awaitable<void> end(boost::asio::ip::tcp::socket socket, std::string farewell,
                                   ConnectionCounts& counts);

  std::size_t being_told_ = 0;
};

}  // namespace stockfold
