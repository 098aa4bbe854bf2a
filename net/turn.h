// What a connection has in its turn, before others have theirs (docs/adr/0011).
#pragma once

#include <chrono>
#include <cstddef>

namespace stockfold {

/// Requests that are handled, although more are there.
inline constexpr std::size_t kTurnRequests = 32;
/// Replies that gather before they are written, although more requests are there.
inline constexpr std::size_t kFlushBytes = 64U << 10;
/// The deadline of a client that owes us nothing.
inline constexpr auto kOurTurn = std::chrono::steady_clock::time_point::max();

}  // namespace stockfold
