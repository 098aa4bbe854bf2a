// A client of a simulated ledger: it sends bytes piece by piece, loses connections, and tries again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <variant>

#include "core/command.h"
#include "protocol/messages.h"
#include "simulation/auditor.h"

namespace stockfold {

/// A command about few products and orders, so that clients conflict. Ids are random.
Command draw_command(std::mt19937_64& random);

/// One connection at a time. A command with an id that has no answer is sent again, until it has one.
class SimulatedClient {
 public:
  explicit SimulatedClient(Auditor& auditor) : auditor_(auditor) {}
  ~SimulatedClient() { disconnect(); }
  SimulatedClient(const SimulatedClient&) = delete;
  SimulatedClient& operator=(const SimulatedClient&) = delete;

  [[nodiscard]] bool connected() const { return socket_ >= 0; }
  /// Takes over a non-blocking socket, and sends again what has no answer.
  void connect(int socket);
  /// The ledger receives no more of it.
  void disconnect();

  void send(const Command& command);
  void send(const ShowProduct& show) { send_request(show); }
  void send(const ShowOrder& show) { send_request(show); }
  /// Requests without an answer, including commands that wait for a connection.
  [[nodiscard]] std::size_t waiting() const { return asked_.size() + again_.size(); }

  /// Lets up to this many of the bytes that it sent reach the ledger. Returns false if there are none.
  bool deliver(std::size_t bytes);
  /// Reads the replies that have come, and tells the auditor. Returns false if the ledger closed the
  /// connection.
  bool receive();

  /// Over all connections.
  struct Counts {
    std::uint64_t commands = 0;
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;
    std::uint64_t replayed = 0;
    std::uint64_t unknown = 0;     ///< The connection ended first, or the ledger could not tell.
    std::uint64_t overloaded = 0;  ///< Not done.
    std::uint64_t reads = 0;
  };
  [[nodiscard]] const Counts& counts() const { return counts_; }
  /// A digest of all replies, in their order.
  [[nodiscard]] std::uint64_t digest() const { return digest_; }

 private:
  using Asked = std::variant<ClientHello, Command, ShowProduct, ShowOrder>;

  void send_request(Request request);
  void take(const ReplyMessage& reply);
  void take(const Command& command, const Answer& answer);

  Auditor& auditor_;
  int socket_ = -1;
  std::uint64_t next_id_ = 1;
  std::deque<Asked> asked_;    ///< On this connection, oldest first.
  std::deque<Command> again_;  ///< To be sent again.
  std::string out_;            ///< Sent, and not yet delivered.
  std::string in_;
  Counts counts_;
  std::uint64_t digest_ = 0;
};

}  // namespace stockfold
