// Hostile clients: many connections that all behave in one way.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "tools/load/random.h"

namespace stockfold {

/// What each connection of a crowd does.
struct Behaviour {
  enum class Ending : std::uint8_t { none, half_close, close, reset };

  std::string opening;           ///< Sent once it is connected.
  std::size_t random_bytes = 0;  ///< Number of random bytes sent after that.
  Ending ending = Ending::none;  ///< What follows at once. After `close` and `reset` it connects again.
  std::string repeated;          ///< Sent again and again from then on; empty: nothing is.
  /// How many bytes of `repeated` are sent at a time, with a pause in between; without a pause, as much as
  /// the socket accepts.
  std::size_t piece = std::numeric_limits<std::size_t>::max();
  std::chrono::milliseconds pause{0};
  bool reads = true;                   ///< Whether it reads what it receives.
  double connects_per_second = 5'000;  ///< Of the whole crowd, at most.
};

/// One thread with sockets of source addresses from 127.0.0.2 on, so that ports do not run out.
class Crowd {
 public:
  /// Connects to 127.0.0.1, and again whenever a connection ends, until stay_away() or the end.
  Crowd(std::uint16_t port, std::size_t connections, Behaviour behaviour, std::uint64_t seed);
  /// Resets the connections that are still open.
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  /// Connections that have ended are not made again; open ones go on.
  void stay_away() { returns_ = false; }

  [[nodiscard]] std::size_t connections() const { return slots_.size(); }
  [[nodiscard]] std::size_t there() const { return there_; }          ///< Connected now.
  [[nodiscard]] std::uint64_t connects() const { return connects_; }  ///< Connections that were made.
  [[nodiscard]] std::uint64_t let_go() const { return let_go_; }  ///< Connections that the other side closed.

 private:
  using Clock = std::chrono::steady_clock;
  enum class State : std::uint8_t { absent, connecting, there };

  struct Slot {
    int fd = -1;
    State state = State::absent;
    std::string opening;  ///< What is left of the opening.
    std::size_t at = 0;   ///< Offset in repeated_ of the next byte.
    Clock::time_point due;
    bool waits_for_room = false;
  };

  void run();
  void connect_some(Clock::time_point now);
  void connect(std::size_t index);
  void serve(std::size_t index, std::uint32_t events);
  void arrive(std::size_t index);
  bool send_opening(std::size_t index);
  bool send_repeated(std::size_t index, std::size_t most);
  bool take(std::size_t index);
  void end(std::size_t index);
  void close_slot(std::size_t index);
  void watch(std::size_t index, bool anew);

  const std::uint16_t port_;
  const Behaviour behaviour_;
  std::string repeated_;  ///< The behavior's `repeated`, several times, to be sent at once.
  Random random_;
  int poll_ = -1;
  std::vector<Slot> slots_;
  std::vector<std::size_t> absent_;
  std::vector<char> received_;
  Clock::time_point begun_;
  std::uint64_t attempts_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> returns_ = true;
  std::atomic<std::size_t> there_ = 0;
  std::atomic<std::uint64_t> connects_ = 0;
  std::atomic<std::uint64_t> let_go_ = 0;
  std::thread thread_;
};

}  // namespace stockfold
