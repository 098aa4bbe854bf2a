// Connections that there is no room for.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <string>

#include "server/metrics/metrics.h"

namespace stockfold {

/// Tells their clients so: one that is only reset cannot know that it is to try again later. All members are
/// called on the network thread.
class TooMany {
 public:
  /// What a client of the protocol is told, and one of HTTP.
  static std::string farewell();
  static std::string http_farewell();

  /// Sends `farewell`, where that is not empty, in a second at most. Of many clients at once some meet the
  /// end of the connection alone. `counts` outlives it.
  void tell(boost::asio::ip::tcp::socket socket, const std::string& farewell, ConnectionCounts& counts);

 private:
  boost::asio::awaitable<void> end(boost::asio::ip::tcp::socket socket, std::string farewell,
                                   ConnectionCounts& counts);

  std::size_t being_told_ = 0;
};

}  // namespace stockfold
