// Pauses background work for a while.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace stockfold {

/// Any thread.
class Pause {
 public:
  void set(bool paused) {
    {
      const std::lock_guard lock(mutex_);
      paused_ = paused;
    }
    changed_.notify_all();
  }
  /// Returns once it is not paused, or once a stop is requested.
  void wait(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [this] { return !paused_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool paused_ = false;
};

}  // namespace stockfold
