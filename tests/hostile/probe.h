// What the system knows about another program.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>

namespace stockfold {

/// Bytes of memory that it has resident; 0 where there is no such program.
[[nodiscard]] std::uint64_t resident_bytes(int pid);
/// How many sockets it has open, those that it listens on included.
[[nodiscard]] std::size_t open_sockets(int pid);

/// Processor time that it has had, of the kernel on its behalf included, in seconds; 0 where there is no such
/// program.
[[nodiscard]] double processor_seconds(int pid);

/// Watches the memory of a program from another thread.
class MemoryWatch {
 public:
  explicit MemoryWatch(int pid);
  ~MemoryWatch();
  MemoryWatch(const MemoryWatch&) = delete;
  MemoryWatch& operator=(const MemoryWatch&) = delete;

  /// The most it had since the last call.
  [[nodiscard]] std::uint64_t take_peak() { return peak_.exchange(0); }

 private:
  std::atomic<bool> stopping_ = false;
  std::atomic<std::uint64_t> peak_ = 0;
  std::thread thread_;
};

}  // namespace stockfold
