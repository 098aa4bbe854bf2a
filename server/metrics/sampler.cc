#include "server/metrics/sampler.h"

#include <utility>

namespace stockfold {
namespace {

SampledFigures look(const StoreFiles& store) {
  return {.store = store.figures(), .program = program_figures()};
}

}  // namespace

Sampler::Sampler(const StoreFiles& store, std::chrono::milliseconds every)
    : store_(store),
      every_(every),
      latest_(look(store)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

SampledFigures Sampler::latest() const {
  const std::lock_guard lock(mutex_);
  return latest_;
}

void Sampler::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stopped_.wait_for(lock, stop, every_, [&stop] { return stop.stop_requested(); })) {
    lock.unlock();
    SampledFigures figures = look(store_);
    lock.lock();
    latest_ = std::move(figures);
  }
}

}  // namespace stockfold
