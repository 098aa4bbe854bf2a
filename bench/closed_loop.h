// A closed loop over sockets: each client sends its next request when it has the answer to its last.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "tools/load/histogram.h"

namespace stockfold {

/// What the clients send, and how they read the answers. Clients are numbered from 0 over all connections.
class Dialogue {
 public:
  virtual ~Dialogue() = default;

  /// Appends the next request of a client. Returns false and appends nothing if the client has none left.
  /// `stopping`: the client only finishes what it has begun.
  virtual bool ask(std::size_t client, bool stopping, std::string& out) = 0;
  /// The size in bytes of the whole reply at the front of `bytes`; 0 if more bytes must come.
  [[nodiscard]] virtual std::size_t reply_size(std::string_view bytes) const = 0;
  /// Returns false if the reply is not the expected one.
  virtual bool take(std::size_t client, std::string_view reply) = 0;
};

struct LoopPlan {
  std::uint16_t port = 0;  ///< On 127.0.0.1.
  std::size_t connections = 1;
  std::size_t depth = 1;  ///< Clients that share a connection, each with one request in flight.
  std::chrono::milliseconds warm_up{1'000};
  std::chrono::milliseconds measured{10'000};
  std::chrono::milliseconds patience{30'000};  ///< How long to wait for the last answers.
};

struct LoopResult {
  Histogram latency;  ///< In nanoseconds, of the requests answered in the measured time.
  std::uint64_t errors = 0;
};

/// Runs until every client has finished. One thread, the caller's. The error says what went wrong.
std::expected<LoopResult, std::string> run_closed_loop(const LoopPlan& plan, Dialogue& dialogue);

/// The figures, as fields of a JSON object without its braces.
std::string json_fields(const LoopPlan& plan, const LoopResult& result);

}  // namespace stockfold
