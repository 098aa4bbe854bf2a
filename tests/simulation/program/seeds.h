// Many simulations, each with a seed of its own, in processes beside each other.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "simulation/simulation.h"

namespace stockfold {

struct BrokenSeed {
  std::uint64_t seed;
  std::string why;
};

struct SeedsReport {
  SimulationReport all;
  std::uint64_t seeds = 0;  ///< That were run to their end.
  std::vector<BrokenSeed> broken;
};

struct SeedsOptions {
  std::uint64_t first = 1;
  std::optional<std::uint64_t> count;        ///< Of seeds; nothing: until the time is over.
  std::optional<std::chrono::seconds> time;  ///< No seed is begun after it.
  unsigned processes = 1;
  std::filesystem::path scratch;  ///< A directory; each process has one of its own in it.
  SimulationOptions simulation;   ///< But for its seed.
  std::function<void(const SeedsReport& report)> progress;  ///< After every seed: as it stands.
};

/// A seed whose process dies is broken, too; the others go on.
SeedsReport run_seeds(const SeedsOptions& options);

}  // namespace stockfold
