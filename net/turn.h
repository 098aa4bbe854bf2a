// How much a connection may do in its turn, before others have theirs (docs/adr/0011).
#pragma once

#include <cstddef>

namespace stockfold {

/// Requests that are handled, even if more are there.
inline constexpr std::size_t kTurnRequests = 32;
/// Bytes of replies that gather before they are written, even if more requests are there.
inline constexpr std::size_t kFlushBytes = 64U << 10;

}  // namespace stockfold
