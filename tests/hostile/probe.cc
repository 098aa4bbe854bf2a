#include "hostile/probe.h"

#include <time.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

namespace stockfold {

namespace fs = std::filesystem;

std::uint64_t resident_bytes(int pid) {
  std::ifstream pages("/proc/" + std::to_string(pid) + "/statm");
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  if (!(pages >> all >> resident)) return 0;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::size_t open_sockets(int pid) {
  std::size_t count = 0;
  std::error_code error;  // for files that are closed during the loop
  for (fs::directory_iterator file("/proc/" + std::to_string(pid) + "/fd", error), end; !error && file != end;
       file.increment(error)) {
    std::error_code gone;
    count += fs::read_symlink(*file, gone).string().starts_with("socket:") ? 1U : 0U;
  }
  return count;
}

double processor_seconds(int pid) {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

MemoryWatch::MemoryWatch(int pid)
    : thread_([this, pid] {
        while (!stopping_) {
          const std::uint64_t now = resident_bytes(pid);
          std::uint64_t peak = peak_;
          while (peak < now && !peak_.compare_exchange_weak(peak, now)) {
          }
          std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
      }) {}

MemoryWatch::~MemoryWatch() {
  stopping_ = true;
  thread_.join();
}

}  // namespace stockfold
