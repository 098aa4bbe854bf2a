// What the system reports about another process.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>

namespace stockfold {

/// Resident memory in bytes; 0 if there is no such process.
[[nodiscard]] std::uint64_t resident_bytes(int pid);
/// Number of its open sockets, those that it listens on included.
[[nodiscard]] std::size_t open_sockets(int pid);

/// Processor time in seconds, with the kernel's time on its behalf; 0 if there is no such process.
[[nodiscard]] double processor_seconds(int pid);

/// Watches the memory of a process from another thread.
class MemoryWatch {
 public:
  explicit MemoryWatch(int pid);
  ~MemoryWatch();
  MemoryWatch(const MemoryWatch&) = delete;
  MemoryWatch& operator=(const MemoryWatch&) = delete;

  /// The highest value since the last call.
  [[nodiscard]] std::uint64_t take_peak() { return peak_.exchange(0); }

 private:
  std::atomic<bool> stopping_ = false;
  std::atomic<std::uint64_t> peak_ = 0;
  std::thread thread_;
};

}  // namespace stockfold
