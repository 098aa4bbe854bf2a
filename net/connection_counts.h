// What the ledger counts of its connections.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace stockfold {

/// Why the ledger closed a connection.
enum class CloseReason : std::uint8_t {
  silent,       ///< The client did not send a hello, the rest of a request, or anything in time.
  not_reading,  ///< The client did not read its replies.
  memory,       ///< The connection held more than its share while the memory of all was over its limit.
  malformed,    ///< The client did not speak the protocol.
  tls,          ///< The TLS handshake failed, the client's certificate was rejected, or TLS broke.
  no_token,     ///< The client had no token, or its token is not valid or no longer valid.
};
inline constexpr std::size_t kCloseReasons = 6;

/// Of one listener.
struct ConnectionCounts {
  std::uint64_t accepted = 0;
  std::uint64_t rejected = 0;  ///< Because as many were open as may be.
  std::uint64_t received_bytes = 0;
  std::uint64_t sent_bytes = 0;
  std::array<std::uint64_t, kCloseReasons> closed{};  ///< By CloseReason.

  void count(CloseReason reason) { ++closed[static_cast<std::size_t>(reason)]; }
};

}  // namespace stockfold
