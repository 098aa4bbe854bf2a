#include "simulation/simulated_env.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace stockfold {
namespace {

constexpr std::chrono::seconds kLook(1);
/// Long even on the busiest machine: work that runs because of it makes the run unrepeatable.
constexpr std::chrono::seconds kLong(20);

}  // namespace

SimulatedEnv::SimulatedEnv(const std::shared_ptr<SimulatedDisk>& disk)
    : EnvWrapper(rocksdb::NewCompositeEnv(disk)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {
  file_system_ = target()->GetFileSystem();  // otherwise RocksDB would use it as an old kind of environment
}

SimulatedEnv::~SimulatedEnv() = default;

std::size_t SimulatedEnv::waiting() const {
  const std::lock_guard lock(mutex_);
  return jobs_.size();
}

bool SimulatedEnv::run_one() {
  std::unique_lock lock(mutex_);
  if (jobs_.empty()) return false;
  run_next(lock);
  return true;
}

void SimulatedEnv::Schedule(void (*function)(void* arg), void* arg, Priority priority, void* tag,
                            void (*unscheduled)(void* arg)) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back({function, arg, priority, tag, unscheduled});
  }
  changed_.notify_all();
}

int SimulatedEnv::UnSchedule(void* tag, Priority priority) {
  std::deque<Job> removed;
  {
    const std::lock_guard lock(mutex_);
    std::deque<Job> left;
    for (const Job& job : jobs_) {
      (job.tag == tag && job.priority == priority ? removed : left).push_back(job);
    }
    jobs_ = std::move(left);
  }
  for (const Job& job : removed) {
    if (job.unscheduled != nullptr) job.unscheduled(job.arg);
  }
  return static_cast<int>(removed.size());
}

bool SimulatedEnv::flush_waits() const {
  return std::ranges::find(jobs_, Priority::HIGH, &Job::priority) != jobs_.end();
}

void SimulatedEnv::run_next(std::unique_lock<std::mutex>& lock) {
  const auto flush = std::ranges::find(jobs_, Priority::HIGH, &Job::priority);
  const auto next = flush == jobs_.end() ? jobs_.begin() : flush;
  const Job job = *next;
  jobs_.erase(next);
  lock.unlock();
  job.function(job.arg);
  lock.lock();
}

void SimulatedEnv::run_flushes() {
  std::unique_lock lock(mutex_);
  while (flush_waits()) run_next(lock);
  running_ = true;
  since_ = std::chrono::steady_clock::now();
}

void SimulatedEnv::stop_flushes() {
  std::unique_lock lock(mutex_);
  running_ = false;
  changed_.wait(lock, [this] { return !busy_; });
}

void SimulatedEnv::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (!changed_.wait_for(lock, stop, kLook, [this] { return running_ && flush_waits(); })) {
      // A thread that waits this long needs more jobs to run, like a database that fails to open and is
      // closed again.
      if (!running_ || jobs_.empty()) continue;
      if (std::chrono::steady_clock::now() - since_ < kLong) continue;
    }
    busy_ = true;
    run_next(lock);
    busy_ = false;
    since_ = std::chrono::steady_clock::now();
    changed_.notify_all();
  }
}

}  // namespace stockfold
