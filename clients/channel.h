// One connection to a ledger, as coroutines: hellos, then messages in either direction.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>
#include <string_view>
#include <vector>

#include "clients/client.h"

namespace stockfold {

/// Completes with (error code, results ...), never by an exception.
inline constexpr auto kAwait = boost::asio::as_tuple(boost::asio::use_awaitable);

/// One thread. After any error it is good for nothing but close() and open().
class Channel {
 public:
  explicit Channel(const boost::asio::any_io_executor& executor);

  /// Connects and exchanges hellos, within the connect time-out.
  boost::asio::awaitable<ClientResult<ServerHello>> open(const ClientOptions& options);
  /// The next message.
  boost::asio::awaitable<ClientResult<ReplyMessage>> read();
  boost::asio::awaitable<ClientResult<void>> write(std::string_view frames);
  /// What is under way ends with an error.
  void close();

 private:
  boost::asio::awaitable<ClientResult<ServerHello>> shake_hands(const ClientOptions& options);
  boost::asio::awaitable<ClientResult<void>> connect(const ClientOptions& options);
  ClientResult<std::optional<ReplyMessage>> take_message();
  /// Room for more bytes behind those that are there.
  boost::asio::mutable_buffer free_space();

  boost::asio::ip::tcp::resolver resolver_;
  boost::asio::ip::tcp::socket socket_;
  std::vector<char> received_;  ///< The bytes from begin_ to end_ are still to be taken.
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

/// How long to wait before the `attempt`th reconnect in a row, from 1.
std::chrono::milliseconds backoff(int attempt);

}  // namespace stockfold
