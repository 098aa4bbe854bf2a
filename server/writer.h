// The one writer: a bounded queue and the thread that executes what gathers in it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/answer.h"
#include "core/command.h"
#include "core/fault.h"
#include "core/numbers.h"
#include "server/ledger.h"

namespace stockfold {

/// Who waits for answers. Called on the thread that delivers them.
class Asker {
 public:
  virtual ~Asker() = default;
  /// The answer to the oldest command it submitted that has none yet.
  virtual void answered(Answer answer) = 0;
  /// All answers of one commit have been given.
  virtual void flush() = 0;
};

struct Delivery {
  std::shared_ptr<Asker> asker;
  Answer answer;
};

struct WriterOptions {
  std::size_t queue_limit = 65'536;     ///< Commands that wait; further ones are refused as overloaded.
  std::size_t queue_lines = 1'000'000;  ///< The same for the lines of their orders: bounds their bytes.
  /// Events the views may trail the log; past it commands are refused. A restart has to fold as many.
  std::uint64_t max_view_lag = 300'000;
};

/// Group commit: while one commit is decided and synced, arriving commands gather, and are the next. No
/// timers.
class Writer {
 public:
  struct Callbacks {
    std::function<UnixMillis()> now;
    std::function<void(GlobalPosition)> appended;         ///< The log now ends here.
    std::function<void(std::vector<Delivery>)> answered;  ///< In the order of the commands.
    std::function<void(const Fault&)>
        failed;  ///< The log takes no more: every command from here on is outcome_unknown.
  };

  /// The callbacks are called on the writer's thread.
  Writer(std::unique_ptr<Ledger> ledger, WriterOptions options, Callbacks callbacks);
  /// Stops it.
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void start();
  /// Executes and answers what is queued, then ends the thread. A second call does nothing.
  void stop();

  /// Queues a command that was admitted. False, and nothing queued, where the queue is full or the views are
  /// too far behind. Any thread; commands of one thread are executed in its order.
  [[nodiscard]] bool submit(Command command, std::shared_ptr<Asker> asker);

  /// Every view holds all events up to `applied`. Any thread.
  void views_reached(GlobalPosition applied) { applied_.store(applied.value(), std::memory_order_release); }

 private:
  /// Commands side by side with those who asked, because the ledger takes the commands alone.
  struct Batch {
    std::vector<Command> commands;
    std::vector<std::shared_ptr<Asker>> askers;
    std::size_t lines = 0;  ///< Of all orders in the commands.
  };

  void run();
  void execute(Batch& batch);

  std::unique_ptr<Ledger> ledger_;
  WriterOptions options_;
  Callbacks callbacks_;
  std::atomic<std::uint64_t> position_;
  std::atomic<std::uint64_t> applied_;

  std::mutex mutex_;
  std::condition_variable arrived_;
  Batch queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace stockfold
