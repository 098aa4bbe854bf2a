// Figures that take too long to find out on the serving thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "server/metrics/program_figures.h"
#include "storage/engine/store.h"

namespace stockfold {

/// The values at the latest sampling.
struct SampledFigures {
  StoreFigures store;
  ProgramFigures program;
};

/// Samples once when it is made, and then every few seconds on its own thread.
class Sampler {
 public:
  /// The store must outlive it.
  explicit Sampler(const StoreFiles& store, std::chrono::milliseconds every = std::chrono::seconds(5));
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;

  /// Any thread.
  [[nodiscard]] SampledFigures latest() const;

 private:
  void run(const std::stop_token& stop);

  const StoreFiles& store_;
  const std::chrono::milliseconds every_;
  mutable std::mutex mutex_;
  std::condition_variable_any stopped_;
  SampledFigures latest_;
  std::jthread thread_;
};

}  // namespace stockfold
