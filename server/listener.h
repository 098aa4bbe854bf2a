// Accepts the connections of one protocol, and keeps their sessions until they end.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>

#include "core/fault.h"
#include "server/metrics/metrics.h"
#include "server/rejected_connections.h"

namespace stockfold {

/// What all listeners of a server share, and what it wants to hear from them. Everything named outlives them.
struct ListenerShared {
  boost::asio::io_context& io;
  RejectedConnections& rejected;
  std::function<void()> session_ended;
};

/// `SessionType` is Session or HttpSession. All members are called on the serving thread.
template <class SessionType>
class Listener {
 public:
  using Tcp = boost::asio::ip::tcp;
  /// Makes the session of an accepted connection.
  using MakeSession = std::function<std::shared_ptr<SessionType>(Tcp::socket)>;

  /// Keeps at most `most` connections open and rejects further ones. `counts` outlives it.
  Listener(ListenerShared shared, std::size_t most, ConnectionCounts& counts, MakeSession make_session);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Opens a port; 0 picks a free one.
  Result<void> listen(const std::string& host, std::uint16_t port);
  /// Where it listens, with the port that was picked.
  [[nodiscard]] Tcp::endpoint endpoint() const { return endpoint_; }

  /// Accepts connections until stop(). Rejected clients are sent `farewell`; empty: nothing.
  void start(std::string farewell);
  /// Closes the port. Sessions finish what was begun, and close at `last_call` at the latest.
  void stop(std::chrono::steady_clock::time_point last_call);

  /// Closes the connections whose deadline has passed.
  void enforce_deadlines(std::chrono::steady_clock::time_point now);
  /// Closes all connections now. Their sessions end soon.
  void close_connections();

  /// Connections that are open.
  [[nodiscard]] std::size_t open() const { return sessions_.size(); }
  [[nodiscard]] std::size_t most() const { return most_; }
  /// How many connections were rejected since the last call.
  [[nodiscard]] std::uint64_t take_rejected();

 private:
  boost::asio::awaitable<void> accept(std::string farewell);
  void take(Tcp::socket socket, const std::string& farewell);
  void start_session(Tcp::socket socket);

  ListenerShared shared_;
  const std::size_t most_;
  ConnectionCounts& counts_;
  MakeSession make_session_;
  Tcp::acceptor acceptor_;
  Tcp::endpoint endpoint_;
  std::unordered_set<std::shared_ptr<SessionType>> sessions_;
  std::uint64_t rejected_ = 0;  ///< Since the last take_rejected().
  bool stopping_ = false;
};

}  // namespace stockfold
