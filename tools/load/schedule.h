// When the commands of an open loop are due: at fixed times that do not depend on the answers.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace stockfold {

/// Nanoseconds of the steady clock.
using Nanos = std::int64_t;

/// Command number n, counted from 0, is due n / rate seconds after the start. Connections take turns of
/// `burst` commands, like clients that pipeline. So every connection has its own schedule and needs no queue:
/// the counts of due and taken commands give those that wait.
class Schedule {
 public:
  Schedule(double per_second, std::size_t connections, std::size_t burst, Nanos start)
      : interval_(1e9 / per_second), connections_(connections), burst_(burst), start_(start) {}

  [[nodiscard]] Nanos due(std::uint64_t number) const {
    return start_ + static_cast<Nanos>(std::floor(static_cast<double>(number) * interval_));
  }
  [[nodiscard]] std::size_t connection_of(std::uint64_t number) const {
    return number / burst_ % connections_;
  }
  /// When the command number `count` of one connection is due, counted from 0.
  [[nodiscard]] Nanos due(std::size_t connection, std::uint64_t count) const {
    return due((count / burst_ * connections_ + connection) * burst_ + count % burst_);
  }

  /// The first command that is not yet taken off the schedule.
  [[nodiscard]] std::uint64_t next() const { return next_; }
  [[nodiscard]] Nanos next_due() const { return due(next_); }
  void advance() { ++next_; }

 private:
  double interval_;
  std::size_t connections_;
  std::size_t burst_;
  Nanos start_;
  std::uint64_t next_ = 0;
};

}  // namespace stockfold
