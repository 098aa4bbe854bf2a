// One connection of a load: a socket that never blocks once it is open, and its requests in flight.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/receive_buffer.h"
#include "net/tls.h"
#include "protocol/messages.h"
#include "tools/load/actions.h"

namespace stockfold {

struct SocketAddress {
  int family = 0;
  std::string bytes;  ///< A sockaddr.
};
/// All addresses of a host name. The error says what is wrong.
[[nodiscard]] std::expected<std::vector<SocketAddress>, std::string> resolve(const std::string& host,
                                                                             std::uint16_t port);

/// The tasks that are sent and not yet answered, oldest first. Answers come in the same order.
class InFlight {
 public:
  explicit InFlight(std::size_t depth) : tasks_(depth) {}

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  void push(const Task& task) { tasks_[wrapped(first_ + size_++)] = task; }
  Task pop() {
    --size_;
    return tasks_[std::exchange(first_, wrapped(first_ + 1))];
  }

 private:
  [[nodiscard]] std::size_t wrapped(std::size_t index) const {
    return index < tasks_.size() ? index : index - tasks_.size();
  }

  std::vector<Task> tasks_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

class LoadConnection {
 public:
  /// Of the protocol: the one whose bytes RequestWriter and glance_at() know.
  static constexpr std::uint32_t kVersion = 1;

  explicit LoadConnection(std::size_t depth) : in_flight(depth) {}
  ~LoadConnection() { close(); }
  LoadConnection(const LoadConnection&) = delete;
  LoadConnection& operator=(const LoadConnection&) = delete;

  /// Connects to the first address that accepts. Then it shakes hands by TLS if `tls` is not null, exchanges
  /// hellos, and logs in if there is a token. From then on it does not block. Returns an error, or nothing.
  [[nodiscard]] std::string open(std::span<const SocketAddress> addresses, std::chrono::milliseconds patience,
                                 const std::string& token, std::unique_ptr<TlsStream> tls);
  void close();
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  [[nodiscard]] int fd() const { return fd_; }

  /// Sends as much of `out` as the socket takes. Returns an error, or nothing.
  [[nodiscard]] std::string flush();
  [[nodiscard]] bool wants_to_write() const { return !out.empty() || !sealed_.empty(); }

  /// Reads once into `buffer`, behind the bytes kept before, and returns all of them. Call keep() with the
  /// rest. Empty if there is nothing to read.
  [[nodiscard]] std::expected<std::string_view, std::string> read(std::span<char> buffer);
  void keep(std::string_view rest) { kept_ = rest; }

  std::string out;  ///< What is to be sent.
  InFlight in_flight;
  std::size_t pausing = 0;  ///< Tasks of it that wait to be sent again.
  std::vector<OpenOrder> own;
  std::uint64_t requests = 0;  ///< Sent, and the last one's id.
  std::uint64_t answers = 0;   ///< Taken, and the last one's id.
  std::uint64_t due = 0;       ///< Of the schedule: commands that were due.
  std::uint64_t taken = 0;     ///< Of those, how many were sent.
  bool polled_for_room = false;

 private:
  [[nodiscard]] std::string connect(std::span<const SocketAddress> addresses);
  [[nodiscard]] std::string secure(std::chrono::steady_clock::time_point until);
  /// Sends a request and waits for its reply, which must be an `Expected`.
  template <class Expected>
  [[nodiscard]] std::string exchange(Request request);
  [[nodiscard]] std::string flush_all();

  int fd_ = -1;
  std::unique_ptr<TlsStream> tls_;  ///< Null: what is sent is sent as it is.
  std::string sealed_;              ///< Of `out`, what TLS made of it and is still to be sent.
  ReceiveBuffer opened_;            ///< What it made of what came.
  std::string kept_;                ///< Of what came, the part that is no whole frame yet.
};

}  // namespace stockfold
