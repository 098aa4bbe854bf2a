// How much of a small machine reads may take that are done beside the serving thread (docs/adr/0011).
#pragma once

#include <atomic>
#include <chrono>

namespace stockfold {

/// Where there are fewer processors than threads that want one, the reading thread rests before each read for
/// as long as the one before took, up to a bound, while commands come: most reads are short, and commands
/// then have half of its processor.
class ReadingPace {
 public:
  using Clock = std::chrono::steady_clock;

  /// A rest is no longer, however long the read was.
  static constexpr std::chrono::milliseconds kLongestRest{250};
  /// Commands come for so long after a commit.
  static constexpr std::chrono::milliseconds kAfterCommit{100};

  /// `rests`: never where it is false.
  explicit ReadingPace(bool rests) : rests_(rests) {}

  /// Whether this machine has too few processors for commits, views, the store's own work and reads at once.
  [[nodiscard]] static bool has_to_rest();

  /// The log has grown. Any thread.
  void committed(Clock::time_point now) { committed_.store(now, std::memory_order_relaxed); }

  /// Until when a read rests that could begin at `now`. The reading thread, as the rest.
  [[nodiscard]] Clock::time_point begins(Clock::time_point now) const;
  /// A read has been done.
  void ended(Clock::time_point begun, Clock::time_point now);

  /// Rests, reads, and returns what `read` does.
  template <class Read>
  auto take(const Read& read) {
    rest();
    const Ending ending{*this, Clock::now()};
    return read();
  }

 private:
  struct Ending {
    ReadingPace& pace;
    Clock::time_point begun;
    ~Ending() { pace.ended(begun, Clock::now()); }
  };

  void rest() const;

  const bool rests_;
  std::atomic<Clock::time_point> committed_;
  Clock::time_point rested_;  ///< When the rest after the last read is over.
};

}  // namespace stockfold
