// The environment of RocksDB in a simulation: its files on a simulated disk, its background work on command.
#pragma once

#include <rocksdb/env.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "simulation/simulated_disk.h"

namespace stockfold {

/// Flushes and compactions wait until they are run, one by one, in the order in which they were scheduled,
/// flushes first. The databases must be closed before it is destroyed.
class SimulatedEnv final : public rocksdb::EnvWrapper {
 public:
  explicit SimulatedEnv(const std::shared_ptr<SimulatedDisk>& disk);
  ~SimulatedEnv() override;

  /// While it lives, a thread runs the flushes for callers that wait for them. Such a caller does nothing
  /// else, so the order stays the same. Flushes that already wait are run at once, on the caller's thread,
  /// because they must not meet those that are scheduled next.
  class RunningFlushes {
   public:
    explicit RunningFlushes(SimulatedEnv& env) : env_(env) { env_.run_flushes(); }
    ~RunningFlushes() { env_.stop_flushes(); }
    RunningFlushes(const RunningFlushes&) = delete;
    RunningFlushes& operator=(const RunningFlushes&) = delete;

   private:
    SimulatedEnv& env_;
  };

  [[nodiscard]] std::size_t waiting() const;
  /// Runs the next job on the caller's thread. Returns false if none waits.
  bool run_one();

  // rocksdb::Env
  void Schedule(void (*function)(void* arg), void* arg, Priority priority, void* tag,
                void (*unscheduled)(void* arg)) override;
  int UnSchedule(void* tag, Priority priority) override;
  int GetBackgroundThreads(Priority priority) override { return priority == Priority::BOTTOM ? 0 : 1; }
  void SetBackgroundThreads(int /*number*/, Priority /*priority*/) override {}
  void IncBackgroundThreadsIfNeeded(int /*number*/, Priority /*priority*/) override {}
  void LowerThreadPoolIOPriority(Priority /*priority*/) override {}
  void LowerThreadPoolCPUPriority(Priority /*priority*/) override {}
  /// Background work waits a second after an error, but not here.
  void SleepForMicroseconds(int /*micros*/) override {}
  unsigned int GetThreadPoolQueueLen(Priority /*priority*/) const override { return 0; }

 private:
  struct Job {
    void (*function)(void* arg);
    void* arg;
    Priority priority;
    void* tag;
    void (*unscheduled)(void* arg);
  };

  void run_flushes();
  void stop_flushes();
  void run(const std::stop_token& stop);
  /// The caller holds the mutex.
  [[nodiscard]] bool flush_waits() const;
  /// Runs a job, with the lock released.
  void run_next(std::unique_lock<std::mutex>& lock);

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Job> jobs_;
  bool running_ = false;
  bool busy_ = false;                            ///< The thread runs a job.
  std::chrono::steady_clock::time_point since_;  ///< When running_ was set, or a job was done.
  std::jthread thread_;
};

}  // namespace stockfold
