// A second thread that serves the sockets while the serving thread waits for the disk.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace stockfold {

/// One thread, the serving thread, serves the sockets and appends to the log. While it appends it lends the
/// sockets. If the append takes longer than a moment, the stand-in runs their handlers until the append is
/// over (docs/adr/0006). If the append before took long, the stand-in begins at once.
///
/// At any time only one of the two threads runs handlers, and each sees all that the other did: handlers need
/// no locks. But they may run in the middle of a commit: see BetweenCommits.
///
/// A fast append costs two looks at the clock and a mutex that no other thread wants. The stand-in looks
/// every few milliseconds while there are appends, and sleeps while there are none.
class StandIn {
 public:
  using Clock = std::chrono::steady_clock;

  /// An append that takes longer is slow.
  static constexpr std::chrono::milliseconds kMoment{2};

  /// `sockets`: whose handlers run; it must outlive the stand-in. `before_each` is called before every
  /// handler that the stand-in runs, on its thread.
  explicit StandIn(boost::asio::io_context& sockets, std::function<void()> before_each = [] {});
  StandIn(const StandIn&) = delete;
  StandIn& operator=(const StandIn&) = delete;

  /// Makes the calling thread the serving thread, until the lock is destroyed.
  [[nodiscard]] std::unique_lock<std::mutex> serve() { return std::unique_lock(turn_); }

  /// Calls `work`, and lends the sockets meanwhile. On the serving thread, and not within a handler. `work`
  /// runs beside handlers; it must not touch what they touch.
  template <class Work>
  auto lend(const Work& work) {
    const Loan loan(*this);
    return work();
  }

  /// For how long the sockets have been lent now; 0 where they are not. Any thread.
  [[nodiscard]] Clock::duration lent_for() const;

 private:
  struct Loan {
    explicit Loan(StandIn& lender) : stand_in(lender) { stand_in.begin(); }
    ~Loan() { stand_in.end(); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    StandIn& stand_in;
  };

  void begin();
  void end();
  void call();
  void run(const std::stop_token& stop);
  /// Until the next look; returns whether the sockets are to be served at once.
  bool sleep(bool deeply, const std::stop_token& stop);
  void stand_in();

  boost::asio::io_context& sockets_;
  std::function<void()> before_each_;
  std::mutex turn_;  ///< Held by the thread that runs handlers.
  std::atomic<bool> lent_ = false;
  std::atomic<Clock::time_point> begun_{};  ///< The latest loan.
  bool slow_ = false;                       ///< It took longer than a moment. The serving thread's.

  std::mutex mutex_;  ///< Of the next two.
  bool called_ = false;
  bool at_once_ = false;
  std::condition_variable_any calls_;
  std::atomic<bool> asleep_ = false;  ///< Until it is called.
  std::jthread thread_;
};

}  // namespace stockfold
