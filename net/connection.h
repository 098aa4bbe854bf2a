// A socket with or without TLS. It buffers input and output, counts its memory, keeps its deadline and closes
// in order. It knows no protocol.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <tuple>

#include "net/clock.h"
#include "net/connection_counts.h"
#include "net/connection_memory.h"
#include "net/outgoing.h"
#include "net/receive_buffer.h"
#include "net/tls.h"

namespace stockfold {

/// How long a client may take.
struct ConnectionTimes {
  std::chrono::milliseconds first;    ///< From the connect: see ConnectionPhase.
  std::chrono::milliseconds request;  ///< From the first byte of a request to its last.
  std::chrono::milliseconds idle;     ///< From an answer to the next request.
  std::chrono::milliseconds write;    ///< Without reading a byte of what is sent.
};

/// What a connection shares with others; all of it outlives the connection.
struct ConnectionShared {
  ConnectionMemory& memory;
  ConnectionCounts& counts;
  const SteadyClock& now;
};

/// What the client has to do next, and so which deadline it has.
enum class ConnectionPhase : std::uint8_t {
  greeting,  ///< Introduce itself. All of that has the time `first`.
  idle,      ///< Begin a request, within `idle`; the first one within `first`.
  request,   ///< Send the rest of a request, within `request`.
  answer,    ///< Wait for an answer: no deadline.
  stream,    ///< Nothing: its answer goes on until either side ends it. No deadline, and no answer is owed.
};

/// All members are called on the serving thread, or one at a time. A connection that breaks one of its limits
/// is closed, and the reason is counted.
class Connection {
 public:
  using Tcp = boost::asio::ip::tcp;

  /// Sets the options of an accepted socket: it sends at once, notices that its client is gone, and does not
  /// block. False: the client is gone already.
  [[nodiscard]] static bool prepare(Tcp::socket& socket);

  /// `socket` is prepared. `tls` secures the connection; null: nothing does. The deadline is `first` from
  /// now.
  Connection(Tcp::socket socket, std::unique_ptr<TlsStream> tls, ConnectionPhase phase,
             const ConnectionTimes& times, const ConnectionShared& shared);

  /// Names the object that has this connection. A write that the socket does not take at once keeps it alive.
  /// Called once, before the first flush().
  void belongs_to(std::weak_ptr<void> owner) { out_.belongs_to(std::move(owner)); }

  // ---- what came

  /// What the client sent and nothing has consumed yet, without TLS.
  [[nodiscard]] ReceiveBuffer& received() { return received_; }
  /// Some of a request, or of a TLS record, was received.
  [[nodiscard]] bool has_begun() const;
  /// Whether bytes of the client are here: in received(), in an unfinished record of TLS, or still in the
  /// system.
  [[nodiscard]] bool has_input();
  /// Flushes, waits until the client has read that, enters `phase`, and reads once. False: nothing more
  /// comes.
  [[nodiscard]] boost::asio::awaitable<bool> receive(ConnectionPhase phase);
  /// The receive() that waits, and later ones, return false.
  void stop_receiving();
  /// Reads what is there, without waiting. True: the client has sent something that nothing has consumed. The
  /// end of the connection, or of TLS, is nothing.
  [[nodiscard]] bool has_spoken();
  /// Waits until has_spoken(), or until the client or this side ends the connection.
  [[nodiscard]] boost::asio::awaitable<void> until_spoken();
  /// Why TLS broke, for people. Empty: it did not.
  [[nodiscard]] std::string_view tls_fault() const;

  // ---- what goes

  /// What the next flush() sends: append to it.
  [[nodiscard]] std::string& out() { return out_.text(); }
  /// Sends it, by one write; what the socket does not take follows as the client reads.
  void flush();
  /// The client has not read all that was flushed.
  [[nodiscard]] bool pending() const { return out_.pending(); }
  /// Waits until it has, or the connection is closed.
  [[nodiscard]] boost::asio::awaitable<void> sent();

  // ---- memory

  /// The bytes that the owner holds for the connection, besides what the connection holds itself.
  void also_holds(std::size_t bytes) { others_ = bytes; }

  // ---- deadlines

  [[nodiscard]] ConnectionPhase phase() const { return phase_; }
  void enter(ConnectionPhase phase);
  /// The client has so much longer from now, in this phase.
  void extend_deadline(std::chrono::milliseconds time) { deadline_ = shared_.now() + time; }
  /// The client owes something, and its deadline has passed.
  [[nodiscard]] bool is_late(SteadyTime now) const { return !draining_ && now > deadline_; }
  /// The client has read nothing for too long.
  [[nodiscard]] bool is_not_reading(SteadyTime now) const { return out_.overdue(now); }
  /// Closes the connection if a deadline has passed. `owes`: false while the client has requests that are not
  /// answered, whatever the phase.
  void enforce_deadline(SteadyTime now, bool owes = true);

  // ---- waiting

  /// Waits for wake(), finish() or close().
  [[nodiscard]] boost::asio::awaitable<std::tuple<boost::system::error_code>> wait();
  void wake();
  /// Waits for `time`, or until finish(), close() or wake().
  [[nodiscard]] boost::asio::awaitable<void> pause(std::chrono::milliseconds time);

  // ---- the end

  /// Receives nothing more. The client may read its answers until `last_call` if it is owed some (`is_owed`,
  /// or if the connection knows of some), else for at most `otherwise` from now.
  void finish(SteadyTime last_call, bool is_owed, std::chrono::milliseconds otherwise);
  [[nodiscard]] bool finishing() const { return finishing_; }
  /// finish() was called, and its last call is over.
  [[nodiscard]] bool is_past_last_call() const { return finishing_ && shared_.now() >= last_call_; }
  /// Sends what is left, and that nothing more comes; waits until the client has read it. Nothing is appended
  /// to out() from here on.
  [[nodiscard]] boost::asio::awaitable<void> send_end();
  /// Receives and drops what the client still sends, until the client ends the connection, `time` is over, or
  /// the last call is. A connection that is closed with unread input is reset, and then the client's system
  /// drops answers that the client has not read yet.
  [[nodiscard]] boost::asio::awaitable<void> drain_input(std::chrono::milliseconds time);
  /// Closes the connection now.
  void close();
  /// Likewise, and counts why.
  void close(CloseReason reason);
  [[nodiscard]] bool closed() const { return closed_; }

  void count(CloseReason reason) { shared_.counts.count(reason); }
  [[nodiscard]] std::string address() const;
  [[nodiscard]] Tcp::socket::executor_type executor() { return socket_.get_executor(); }

 private:
  bool take(std::span<const char> room, std::size_t count);
  void account();

  Tcp::socket socket_;
  const std::unique_ptr<TlsStream> tls_;
  const ConnectionTimes times_;
  const ConnectionShared shared_;
  ReceiveBuffer received_;
  Outgoing out_;
  boost::asio::steady_timer changed_;                ///< Canceled by wake().
  bool waiting_ = false;                             ///< Something may wait for changed_.
  boost::asio::cancellation_signal stop_receiving_;  ///< The read that waits.
  bool ended_ = false;                               ///< By the client, as has_spoken() found.
  bool finishing_ = false;
  bool draining_ = false;  ///< All was sent: only the client's end is waited for.
  bool closed_ = false;
  SteadyTime last_call_;  ///< Once finishing_.
  std::size_t others_ = 0;
  ConnectionMemory::Share memory_;
  ConnectionPhase phase_;
  SteadyTime deadline_;
};

}  // namespace stockfold
