#include "storage/log/next_life.h"

#include <algorithm>
#include <limits>
#include <random>
#include <string>

namespace stockfold {

Result<Epoch> draw_epoch_after(Epoch epoch) {
  const std::uint32_t left = std::numeric_limits<Epoch::rep>::max() - epoch.value();
  if (left == 0) {
    return std::unexpected(Fault{
        FaultKind::io, "the log is in epoch " + std::to_string(epoch.value()) + ", which is the last", {}});
  }
  std::random_device device;
  std::uniform_int_distribution<std::uint32_t> step(1, std::min(left, kMostEpochStep));
  return Epoch(epoch.value() + step(device));
}

}  // namespace stockfold
