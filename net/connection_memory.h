// What all connections hold together, and the bound on it.
#pragma once

#include <cstddef>
#include <utility>

namespace stockfold {

/// Counts the bytes of requests that are not whole yet, and of replies that nobody takes. One thread.
class ConnectionMemory {
 public:
  /// What every connection may hold, whatever the others do.
  static constexpr std::size_t kOfEach = 32U << 10;

  explicit ConnectionMemory(std::size_t limit) : limit_(limit) {}
  ConnectionMemory(const ConnectionMemory&) = delete;
  ConnectionMemory& operator=(const ConnectionMemory&) = delete;

  /// How many had to go since the last call.
  [[nodiscard]] std::size_t take_refusals() { return std::exchange(refusals_, 0); }

  [[nodiscard]] std::size_t held() const { return held_; }
  [[nodiscard]] std::size_t limit() const { return limit_; }

  /// Of one connection; given back when it goes.
  class Share {
   public:
    explicit Share(ConnectionMemory& all) : all_(all) {}
    ~Share() { all_.held_ -= held_; }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    /// It holds so many bytes now. False where that is more than kOfEach, and all together hold more than the
    /// limit: then it has to go.
    [[nodiscard]] bool hold(std::size_t bytes) {
      all_.held_ += bytes - held_;
      held_ = bytes;
      const bool may_stay = bytes <= kOfEach || all_.held_ <= all_.limit_;
      all_.refusals_ += may_stay ? 0 : 1;
      return may_stay;
    }

   private:
    ConnectionMemory& all_;
    std::size_t held_ = 0;
  };

 private:
  std::size_t limit_;
  std::size_t held_ = 0;
  std::size_t refusals_ = 0;
};

}  // namespace stockfold
