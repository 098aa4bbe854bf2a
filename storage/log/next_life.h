// The epoch of a log that begins another life.
#pragma once

#include <cstdint>

#include "core/fault.h"
#include "core/numbers.h"

namespace stockfold {

/// How far a life is from the one that it came of, at the most.
inline constexpr std::uint32_t kMostEpochStep = 1U << 20;

/// An epoch beyond `epoch`, by a step that is drawn: two stores that are made of one log are two lives. An io
/// fault where there is no further one. Any thread.
[[nodiscard]] Result<Epoch> draw_epoch_after(Epoch epoch);

}  // namespace stockfold
