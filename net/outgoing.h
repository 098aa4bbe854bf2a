// What a connection sends, until its client has read it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "net/clock.h"
#include "net/tls.h"

namespace stockfold {

/// One thread at a time.
class Outgoing {
 public:
  /// `socket` does not block. `tls` seals what is sent; null: it is sent as it is. `patience` is how long the
  /// client may read nothing. `sent` counts bytes. All of them but `patience` outlive this object.
  Outgoing(boost::asio::ip::tcp::socket& socket, TlsStream* tls, std::chrono::milliseconds patience,
           const SteadyClock& now, std::uint64_t& sent);

  /// Names the object that has this one. Called once, before the first flush().
  void belongs_to(std::weak_ptr<void> owner) { owner_ = std::move(owner); }

  /// What is sent next: append to it.
  [[nodiscard]] std::string& text() { return text_; }

  /// Sends it, by one write. A coroutine, which keeps the owner alive, sends what the socket does not take at
  /// once. False: the connection is broken.
  [[nodiscard]] bool flush();

  /// Waits until the client has read all that was flushed, or the connection is closed.
  boost::asio::awaitable<void> taken();

  /// The client has not read all that was flushed.
  [[nodiscard]] bool pending() const { return !writing_.empty(); }
  /// It has read nothing for too long.
  [[nodiscard]] bool overdue(SteadyTime now) const { return pending() && now > deadline_; }
  /// Bytes of memory.
  [[nodiscard]] std::size_t held() const { return text_.capacity() + writing_.capacity(); }

  /// Sends what is left, and that nothing more comes; waits until the client has read it, or the connection
  /// is closed. Nothing is appended from here on.
  boost::asio::awaitable<void> end();

  /// Sends that nothing more comes, as far as the socket takes it at once. What was not flushed is dropped.
  void say_goodbye();

  /// The socket is closed: nothing more is sent, and nothing waits any longer.
  void stop();

 private:
  boost::asio::awaitable<void> write_rest();

  boost::asio::ip::tcp::socket& socket_;
  TlsStream* tls_;
  std::chrono::milliseconds patience_;
  const SteadyClock& now_;
  std::uint64_t& sent_;
  std::weak_ptr<void> owner_;
  std::string text_;
  std::string writing_;  ///< What a coroutine writes, because the client reads slowly.
  SteadyTime deadline_;
  boost::asio::steady_timer changed_;  ///< Canceled when all was written, or never will be.
  bool stopped_ = false;
};

}  // namespace stockfold
