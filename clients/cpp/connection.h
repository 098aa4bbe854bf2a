// The implementation of Client: a thread that keeps one connection, and the requests that await a reply.
#pragma once

#include <stockfold/client.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "clients/cpp/channel.h"

namespace stockfold {

/// Only its thread uses the private members. A request is outstanding from send() until its reply, its
/// time-out, or the final loss of the connection, whichever is first. After a reconnect it is sent again
/// unchanged; in another life of the ledger, only commands are sent again.
class Client::Connection {
 public:
  using Done = std::move_only_function<void(ClientResult<Reply>)>;

  explicit Connection(ClientOptions options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Starts the thread and waits for the first connection. Once.
  ClientResult<void> start();
  /// `done` is called once, on the connection's thread.
  void send(Request request, Done done);

  [[nodiscard]] ServerHello server() const;
  /// The same while the ledger stays in the life of the first connection; then an error.
  [[nodiscard]] ClientResult<ServerHello> same_life() const;
  [[nodiscard]] const ClientOptions& options() const { return options_; }

 private:
  using Clock = std::chrono::steady_clock;

  struct Outstanding {
    bool is_command;
    std::uint32_t version;  ///< Of the protocol, in which the frame is.
    std::string frame;
    Clock::time_point deadline;
    Done done;
    std::vector<Answer> answers;  ///< Of a batch: those of the replies so far.
  };

  boost::asio::awaitable<void> serve(std::promise<ClientResult<void>> started);
  /// Reads and writes until the connection ends; returns the cause.
  boost::asio::awaitable<ClientError> converse();
  boost::asio::awaitable<ClientError> read_replies();
  boost::asio::awaitable<ClientError> write_requests();
  /// Waits for something to send, and reconnects. If that fails, the outstanding requests fail.
  boost::asio::awaitable<bool> restore(ClientError& ended);
  boost::asio::awaitable<ClientResult<void>> reconnect(ClientError last);
  ClientResult<void> welcome(ServerHello hello);

  void accept(Request request, Done done);
  /// The frame of a request, or why it cannot be sent over this connection.
  [[nodiscard]] ClientResult<std::string> encoded(std::uint64_t id, const Request& request) const;
  /// Encodes the outstanding requests again that were encoded for another version of the protocol. Those that
  /// cannot be sent fail.
  void recode_all();
  std::optional<ClientError> complete(ReplyMessage message);
  void await_deadline();
  void expire();
  void fail_all(const ClientError& error);
  void fail_all_but_commands(const ClientError& error);
  void close();
  void finish(const std::exception_ptr& error);

  ClientOptions options_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  Channel channel_;
  boost::asio::steady_timer news_;    ///< Cancelled when there is something to send, or to end for.
  boost::asio::steady_timer pause_;   ///< Between two attempts to connect.
  boost::asio::steady_timer expiry_;  ///< Of the oldest request.

  std::map<std::uint64_t, Outstanding> outstanding_;  ///< By request id, so by age and by deadline.
  std::string queued_;                                ///< Frames that wait for the write under way.
  std::uint64_t next_id_ = 1;
  int attempts_ = 0;         ///< To reconnect, since the last reply.
  Clock::time_point heard_;  ///< When the ledger last sent something.
  bool connected_ = false;
  bool expiring_ = false;  ///< expiry_ is waited for.
  bool closed_ = false;

  mutable std::mutex mutex_;
  std::optional<ServerHello> server_;  ///< Under mutex_.
  std::optional<Epoch> found_in_;      ///< Under mutex_: the epoch of the first hello.

  std::thread thread_;
};

}  // namespace stockfold
