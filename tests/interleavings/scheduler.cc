#include "interleavings/scheduler.h"

#include <utility>

namespace stockfold {

void Fibres::start(std::function<void()> body) {
  Fibre& fibre = *fibres_.emplace_back(std::make_unique<Fibre>());
  fibre.thread = std::jthread([this, &fibre, body = std::move(body)] {
    wait_for_turn(&fibre);
    body();
    fibre.next.reset();
    give_turn(nullptr);
  });
  run(fibres_.size() - 1);
}

void Fibres::barrier(Step step) {
  Fibre& self = *running_;
  self.next = step;
  give_turn(nullptr);
  wait_for_turn(&self);
}

void Fibres::run(std::size_t fibre) {
  give_turn(fibres_[fibre].get());
  wait_for_turn(nullptr);
}

void Fibres::give_turn(Fibre* fibre) {
  const std::lock_guard lock(mutex_);
  running_ = fibre;
  (fibre == nullptr ? all_wait_ : fibre->turn).notify_one();
}

void Fibres::wait_for_turn(Fibre* fibre) {
  std::unique_lock lock(mutex_);
  (fibre == nullptr ? all_wait_ : fibre->turn).wait(lock, [&] { return running_ == fibre; });
}

}  // namespace stockfold
