// The one writer: a bounded queue of commands, and what makes one commit of them.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/answer.h"
#include "core/command.h"
#include "core/fault.h"
#include "core/numbers.h"
#include "server/ledger/ledger.h"

namespace stockfold {

class Writer;

/// A commit that was made, for whoever counts.
struct CommitFigures {
  std::span<const Command> commands;
  std::span<const Answer> answers;                               ///< Theirs.
  std::span<const std::chrono::steady_clock::time_point> asked;  ///< When each of them came.
  std::size_t events;                                            ///< Appended.
  std::chrono::steady_clock::time_point begun;
  std::chrono::nanoseconds deciding;
  std::chrono::nanoseconds appending;
  std::chrono::steady_clock::time_point answered;
};

/// What waits, and what was refused because too much did.
struct WriterLoad {
  std::size_t commands = 0;
  std::size_t lines = 0;
  std::uint64_t refused_full = 0;    ///< As overloaded, since the queue was full.
  std::uint64_t refused_behind = 0;  ///< The same, since the views were too far behind.
};

/// Who waits for answers. Shared, so that it is there when they come.
class Asker : public std::enable_shared_from_this<Asker> {
 public:
  virtual ~Asker() = default;
  /// The answers to the oldest commands it submitted that have none yet, in their order.
  virtual void answered(std::span<const Answer> answers) = 0;
  /// All answers of one commit have been given.
  virtual void flush() = 0;

 private:
  friend Writer;
  struct Waiting {
    Command command;
    std::chrono::steady_clock::time_point asked;
  };
  std::vector<Waiting> waiting_;  ///< In the writer's queue.
  std::size_t taken_ = 0;         ///< Of waiting_: into a commit.
  std::uint64_t next_turn_ = 0;   ///< The commit in which it is no longer passed by for a large order.
};

struct WriterOptions {
  /// Commands that wait; further ones are refused as overloaded. The last quarter is kept for those who have
  /// none waiting.
  std::size_t queue_limit = 65'536;
  std::size_t queue_lines = 1'000'000;  ///< The same for the lines of their orders: bounds their bytes.
  /// Events the views may trail the log; past it commands are refused. A restart has to fold as many.
  std::uint64_t max_view_lag = 300'000;
};

/// Group commit: what arrives while one commit is decided and synced gathers, and is the next. No timers.
///
/// It is called by the thread that serves the sockets: a hand-over to another thread and back costs more than
/// to decide a command, and while a commit is synced the kernel goes on gathering what clients send
/// (docs/adr/0006). One thread, except where something else is said.
class Writer {
 public:
  struct Callbacks {
    /// What a commit is dated by, or what commands are refused as that were not done before.
    std::function<std::expected<UnixMillis, Refusal>()> now;
    std::function<void(GlobalPosition)> appended;  ///< The log now ends here.
    std::function<void(const Fault&)>
        failed;  ///< The log takes no more: every command from here on is outcome_unknown.
    /// The answers were given.
    std::function<void(const CommitFigures&)> committed = [](const CommitFigures&) {};
  };

  /// The ledger must outlive it. The callbacks are called by commit().
  Writer(Ledger& ledger, WriterOptions options, Callbacks callbacks);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Whether the asker has commands that wait already.
  enum class Turn : std::uint8_t { first, further };

  /// Whether a command would be queued now: not where the queue is full or the views are too far behind,
  /// which counts as one refused.
  [[nodiscard]] bool has_room(Turn turn);

  /// Queues a command that was admitted. False, and nothing queued, where there is no room. An asker's
  /// commands are executed in the order of their submission; where more wait than one commit takes, askers
  /// take turns of a few commands each. Whoever had a large order executed is passed by for some commits
  /// while others wait: lines cost time, and each asker has about as many in a commit. Where others do not
  /// wait, but did a moment ago, a commit takes one large order alone.
  [[nodiscard]] bool submit(Command&& command, Asker& asker, Turn turn);

  /// Commands that are submitted from here on came at `now`, for those who count. Where nobody says, they
  /// came when the first was submitted that waits.
  void commands_come_at(std::chrono::steady_clock::time_point now) { now_ = now; }

  /// Commands wait.
  [[nodiscard]] bool pending() const { return waiting_ > 0; }

  /// Executes commands of the queue as one commit, and gives the answers once it is on disk. Only while some
  /// are pending.
  void commit();

  /// Answers all that waits by `refusal`, and does none of it. Not within commit().
  void refuse_waiting(const Refusal& refusal);

  [[nodiscard]] WriterLoad load() const;

  /// Every view holds all events up to `applied`. Any thread.
  void views_reached(GlobalPosition applied) { applied_.store(applied.value(), std::memory_order_release); }

 private:
  /// Commands of one asker that follow each other in a commit.
  struct Run {
    std::shared_ptr<Asker> asker;
    std::size_t commands;
  };

  void gather();
  void gather_turns(std::size_t most_lines, bool pass_by);
  std::size_t take(const std::shared_ptr<Asker>& asker, std::size_t commands, std::size_t lines);
  void answer(std::span<const Answer> answers);

  Ledger& ledger_;
  WriterOptions options_;
  Callbacks callbacks_;
  std::atomic<std::uint64_t> applied_;

  std::deque<std::shared_ptr<Asker>> line_;  ///< Who has commands waiting, in the order of their turns.
  std::uint64_t commits_ = 0;                ///< Begun.
  std::uint64_t others_turn_ = 0;            ///< The last commit that took what is no large order.
  std::vector<Command> batch_;               ///< Taken from them, to be executed.
  std::vector<std::chrono::steady_clock::time_point> asked_;  ///< When each of the batch came.
  std::deque<Run> runs_;                                      ///< Whose they are.
  std::size_t waiting_ = 0;                                   ///< Commands, of the batch and those in line.
  std::size_t lines_ = 0;                                     ///< Of their orders.
  std::chrono::steady_clock::time_point now_;
  std::uint64_t refused_full_ = 0;
  std::uint64_t refused_behind_ = 0;
};

}  // namespace stockfold
