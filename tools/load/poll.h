// Waits for the sockets of a load, with epoll.
#pragma once

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <ctime>
#include <span>

#include "tools/load/schedule.h"

namespace stockfold {

/// Waits until sockets can be read or written. One thread.
class Poll {
 public:
  Poll() : fd_(::epoll_create1(EPOLL_CLOEXEC)) {}
  ~Poll() {
    if (fd_ >= 0) ::close(fd_);
  }
  Poll(const Poll&) = delete;
  Poll& operator=(const Poll&) = delete;

  /// Watches `fd` for bytes to read and, `for_room`, for space to write; wait() names it by `index`. False:
  /// the system lacks a resource for it.
  bool watch(int fd, std::size_t index, bool for_room, bool is_new) const {
    epoll_event event{};
    event.events = EPOLLIN | (for_room ? EPOLLOUT : 0U);
    event.data.u64 = index;
    return ::epoll_ctl(fd_, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event) == 0;
  }

  /// The connections that can be read or written, after at most `timeout`.
  std::span<const epoll_event> wait(Nanos timeout) {
    timeout = std::max<Nanos>(timeout, 0);
    const timespec limit{timeout / kNanosPerSecond, timeout % kNanosPerSecond};
    int count = ::epoll_pwait2(fd_, events_.data(), kEventsAtOnce, &limit, nullptr);
    if (count < 0 && errno == ENOSYS) {  // Linux before 5.11
      const int milliseconds = static_cast<int>(timeout / kNanosPerMillisecond);
      count = ::epoll_wait(fd_, events_.data(), kEventsAtOnce, milliseconds);
    }
    return {events_.data(), static_cast<std::size_t>(std::max(count, 0))};
  }

 private:
  static constexpr int kEventsAtOnce = 512;
  static constexpr Nanos kNanosPerMillisecond = 1'000'000;
  static constexpr Nanos kNanosPerSecond = 1'000'000'000;

  int fd_;
  std::array<epoll_event, kEventsAtOnce> events_{};
};

}  // namespace stockfold
