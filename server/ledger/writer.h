// The one writer: makes commits of the commands that wait in a bounded queue, and answers them.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <span>

#include "core/command.h"
#include "core/fault.h"
#include "core/numbers.h"
#include "protocol/answer.h"
#include "server/ledger/command_source.h"
#include "server/ledger/commit_queue.h"
#include "server/ledger/ledger.h"

namespace stockfold {

/// A commit that was made, for whoever counts.
struct CommitFigures {
  std::span<const Command> commands;
  std::span<const Answer> answers;                               ///< Theirs.
  std::span<const std::chrono::steady_clock::time_point> asked;  ///< When each of them came.
  std::size_t events;                                            ///< Appended.
  std::chrono::steady_clock::time_point begun;
  std::chrono::nanoseconds deciding;
  AppendFigures append;  ///< Where events were appended.
  std::chrono::steady_clock::time_point answered;
};

/// What waits, and what was refused because too much did.
struct WriterLoad {
  std::size_t commands = 0;
  std::size_t lines = 0;
  std::uint64_t refused_full = 0;    ///< As overloaded, since the queue was full.
  std::uint64_t refused_behind = 0;  ///< The same, since the views were too far behind.
};

struct WriterOptions {
  /// Commands that wait; further ones are refused as overloaded. The last quarter is kept for clients that
  /// have none waiting.
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
    std::function<std::expected<UnixMillis, Failure>()> now;
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

  using Turn = QueueTurn;

  /// Whether a command would be queued now: not where the queue is full or the views are too far behind,
  /// which counts as one refused.
  [[nodiscard]] bool has_room(Turn turn);

  /// Queues a command that was admitted. False, and nothing queued, where there is no room. What waits is
  /// executed by the rules of the CommitQueue.
  [[nodiscard]] bool submit(Command&& command, CommandSource& source, Turn turn);
  /// The same for one command or more as a batch, of which one commit takes all; see Ledger::execute(). There
  /// is room for it where there is room for one command.
  [[nodiscard]] bool submit_batch(std::span<Command> batch, bool atomic, CommandSource& source, Turn turn);

  /// Commands that are submitted from here on came at `now`, for those who count. Where nobody says, they
  /// came when the first was submitted that waits.
  void commands_come_at(std::chrono::steady_clock::time_point now) { now_ = now; }

  /// Commands wait.
  [[nodiscard]] bool pending() const { return queue_.commands() > 0; }

  /// Executes commands of the queue as one commit, and gives the answers once it is on disk. Only while some
  /// are pending. While the log appends, commands may be submitted: they are part of a later commit.
  void commit();

  /// Answers all that waits by `failure`, and does none of it. Not within commit().
  void refuse_waiting(const Failure& failure);

  [[nodiscard]] WriterLoad load() const;

  /// Every view holds all events up to `applied`. Any thread.
  void views_reached(GlobalPosition applied) { applied_.store(applied.value(), std::memory_order_release); }

 private:
  void answer(std::span<const Answer> answers);

  Ledger& ledger_;
  WriterOptions options_;
  Callbacks callbacks_;
  std::atomic<std::uint64_t> applied_;
  CommitQueue<std::shared_ptr<CommandSource>> queue_;
  bool committing_ = false;
  std::chrono::steady_clock::time_point now_;
  std::uint64_t refused_full_ = 0;
  std::uint64_t refused_behind_ = 0;
};

}  // namespace stockfold
