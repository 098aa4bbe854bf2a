// The memory that all connections hold together, and its limit.
#pragma once

#include <cstddef>
#include <utility>

namespace stockfold {

/// Counts the bytes of requests that are not whole yet, and of replies that clients have not read. One thread
/// at a time.
class ConnectionMemory {
 public:
  /// What every connection may hold, whatever the others hold.
  static constexpr std::size_t kOfEach = 32U << 10;

  explicit ConnectionMemory(std::size_t limit) : limit_(limit) {}
  ConnectionMemory(const ConnectionMemory&) = delete;
  ConnectionMemory& operator=(const ConnectionMemory&) = delete;

  /// How many connections had to be closed since the last call.
  [[nodiscard]] std::size_t take_closed() { return std::exchange(closed_, 0); }

  [[nodiscard]] std::size_t held() const { return held_; }
  [[nodiscard]] std::size_t limit() const { return limit_; }

  /// The part of one connection; released with it.
  class Share {
   public:
    explicit Share(ConnectionMemory& all) : all_(all) {}
    ~Share() { all_.held_ -= held_; }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    /// The connection holds so many bytes now. False: that is more than kOfEach, and all connections together
    /// hold more than the limit. The connection has to be closed.
    [[nodiscard]] bool hold(std::size_t bytes) {
      all_.held_ += bytes - held_;
      held_ = bytes;
      const bool may_stay = bytes <= kOfEach || all_.held_ <= all_.limit_;
      all_.closed_ += may_stay ? 0 : 1;
      return may_stay;
    }

   private:
    ConnectionMemory& all_;
    std::size_t held_ = 0;
  };

 private:
  std::size_t limit_;
  std::size_t held_ = 0;
  std::size_t closed_ = 0;
};

}  // namespace stockfold
