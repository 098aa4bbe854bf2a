// What a connection has to say, until its client has taken it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "net/tls.h"

namespace stockfold {

/// One thread.
class Outgoing {
 public:
  using Clock = std::chrono::steady_clock;

  /// `socket` does not block; it and `sent` outlive it. `patience`: for how long the client may take nothing.
  /// `sent` counts bytes.
  /// `tls`: what seals it; null: it is sent as it is.
  Outgoing(boost::asio::ip::tcp::socket& socket, TlsStream* tls, std::chrono::milliseconds patience,
           std::uint64_t& sent);

  /// What is sent next: append to it.
  [[nodiscard]] std::string& text() { return text_; }

  /// Sends it, by one write. What the socket does not take at once is sent by a coroutine, for which `owner`
  /// is kept, who has this object. False: the connection is broken.
  [[nodiscard]] bool flush(const std::shared_ptr<void>& owner);

  /// Waits until the client has taken all that was flushed, or the connection is closed.
  boost::asio::awaitable<void> taken();

  /// The client has not taken all that was flushed.
  [[nodiscard]] bool pending() const { return !writing_.empty(); }
  /// It has taken nothing for too long.
  [[nodiscard]] bool overdue(Clock::time_point now) const { return pending() && now > deadline_; }
  /// Bytes of memory.
  [[nodiscard]] std::size_t held() const { return text_.capacity() + writing_.capacity(); }

  /// Sends what is left, and that nothing more comes; waits until the client has taken it, or the connection
  /// is closed. Nothing is appended from here on.
  boost::asio::awaitable<void> end(std::shared_ptr<void> owner);

  /// As far as the socket takes it at once: the peer is told that nothing more comes.
  void say_goodbye();

  /// The socket is closed: nothing more is sent, and nobody waits any longer.
  void stop();

 private:
  boost::asio::awaitable<void> write_rest();

  boost::asio::ip::tcp::socket& socket_;
  TlsStream* tls_;
  std::chrono::milliseconds patience_;
  std::uint64_t& sent_;
  std::string text_;
  std::string writing_;  ///< What a coroutine is writing, because the client takes it slowly.
  Clock::time_point deadline_;
  boost::asio::steady_timer changed_;  ///< Cancelled when all was written, or never will be.
  bool stopped_ = false;
};

}  // namespace stockfold
