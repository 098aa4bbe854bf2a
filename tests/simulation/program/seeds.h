// Many simulations, each with its own seed, in concurrent processes.
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
  std::uint64_t seeds = 0;  ///< Seeds that were run to their end.
  std::vector<BrokenSeed> broken;
};

struct SeedsOptions {
  std::uint64_t first = 1;
  std::optional<std::uint64_t> count;        ///< Number of seeds; nothing: until the time is over.
  std::optional<std::chrono::seconds> time;  ///< No seed is begun after it.
  unsigned processes = 1;
  std::filesystem::path scratch;  ///< A directory in which each process has its own.
  SimulationOptions simulation;   ///< Except for its seed.
  std::function<void(const SeedsReport& report)> progress;  ///< After every seed: the results so far.
};

/// A seed whose process dies is broken as well; the others go on.
SeedsReport run_seeds(const SeedsOptions& options);

}  // namespace stockfold
