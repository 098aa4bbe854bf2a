// The epoch of another life of a log.
#pragma once

#include <cstdint>

#include "core/fault.h"
#include "core/numbers.h"

namespace stockfold {

/// The most by which the epoch of a life exceeds the epoch that it came from.
inline constexpr std::uint32_t kMostEpochStep = 1U << 20;

/// Returns an epoch beyond `epoch` by a random step, so that two stores made from one log are two lives. An
/// io fault if `epoch` is the last one. Any thread.
[[nodiscard]] Result<Epoch> draw_epoch_after(Epoch epoch);

}  // namespace stockfold
