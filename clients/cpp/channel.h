// One connection to a ledger, as coroutines: hellos, then messages in either direction.
#pragma once

#include <stockfold/client.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "net/receive_buffer.h"
#include "net/tls.h"

namespace stockfold {

/// Completes with (error code, results ...), never by an exception.
inline constexpr auto kAwait = boost::asio::as_tuple(boost::asio::use_awaitable);

/// One thread. After any error, only close() and open() may be called.
class Channel {
 public:
  explicit Channel(const boost::asio::any_io_executor& executor);

  /// Connects, shakes hands by TLS if requested, exchanges hellos and logs in, within the connect time-out.
  boost::asio::awaitable<ClientResult<ServerHello>> open(const ClientOptions& options);
  /// The version of the protocol that the ledger chose in the latest hello. Requests are encoded in it.
  [[nodiscard]] std::uint32_t version() const { return version_; }
  /// The next message.
  boost::asio::awaitable<ClientResult<ReplyMessage>> read();
  boost::asio::awaitable<ClientResult<void>> write(std::string_view frames);
  /// Operations in progress end with an error.
  void close();

 private:
  boost::asio::awaitable<ClientResult<ServerHello>> shake_hands(const ClientOptions& options);
  boost::asio::awaitable<ClientResult<void>> connect(const ClientOptions& options);
  boost::asio::awaitable<ClientResult<void>> secure(const ClientOptions& options);
  boost::asio::awaitable<ClientResult<void>> log_in(const ClientOptions& options);
  /// Reads once into received_.
  boost::asio::awaitable<ClientResult<void>> receive();
  /// As it is.
  boost::asio::awaitable<ClientResult<void>> send(std::string_view bytes);
  ClientResult<std::optional<ReplyMessage>> take_message();

  boost::asio::ip::tcp::resolver resolver_;
  boost::asio::ip::tcp::socket socket_;
  std::shared_ptr<const TlsContext> tls_context_;  ///< Read once; null: not yet, or none is wanted.
  std::unique_ptr<TlsStream> tls_;                 ///< Of this connection.
  ReceiveBuffer received_;
  std::uint32_t version_ = kFirstProtocolVersion;
};

/// How long to wait before the `attempt`th reconnect in a row, from 1.
std::chrono::milliseconds backoff(int attempt);

}  // namespace stockfold
