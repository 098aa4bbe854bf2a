// Commands in, one commit appended, answers out: the middle of the straight line, without threads or network.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/command.h"
#include "core/decide.h"
#include "core/fault.h"
#include "projections/views.h"
#include "protocol/answer.h"
#include "protocol/batch.h"
#include "server/ledger/recent_receipts.h"
#include "server/ledger/working_set.h"
#include "storage/log/event_log.h"

namespace stockfold {

struct LedgerOptions {
  std::size_t cached_aggregates =
      200'000;  ///< Orders, and as many products, kept in memory beyond those that must be.
  std::size_t commit_commands = 1'024;  ///< Most commands decided into one commit.
  std::size_t commit_lines = 4'096;     ///< About the most lines of orders in one commit: bounds its bytes.
  std::size_t batch_lines = kMaxBatchLines;  ///< The same of a batch, which one commit takes whole.
};

/// What became of the commands at the front of a span.
struct Execution {
  std::vector<Answer> answers;  ///< Of the first commands of the span, in order; at least one of them.
  std::optional<Fault> fault;   ///< Set: nothing more can be executed. The answers are then outcome_unknown.
  std::size_t events = 0;       ///< Appended.
  std::chrono::nanoseconds deciding{0};  ///< Taken to load and to decide.
  AppendFigures append;                  ///< Where events were appended.
};

/// The state of the writer. One thread; log and views must outlive it. The views must hold all that the log
/// holds when it is made.
class Ledger {
 public:
  static Result<std::unique_ptr<Ledger>> open(EventLog& log, const Views& views, LedgerOptions options);

  /// Decides commands, each seeing those before it, appends what happened as one commit, and answers once
  /// that is on disk. Each command is well-formed, its lines in their normal form, its body hash set where it
  /// has an id. A commit is bounded, so it may be that only the first commands are executed: call again with
  /// the others.
  ///
  /// For each command: its id is looked at first, then whether there is room, then decide()'s ladder. A
  /// refusal by that ladder is an event of its own where the command has an id.
  ///
  /// A batch (batch.h) is executed as a whole: its commands are in one commit, and the span has all of them.
  /// Once its commands have batch_lines lines, with those of the orders that they name and of their answers,
  /// the rest of them is answered as overloaded. If a batch is all or none, and one of its commands is
  /// refused, none of it is done: that command has its refusal, and the others are batch_refused. The refusal
  /// is recorded only where the command is refused alike without the commands before it in the batch, which
  /// did not happen.
  ///
  /// Ids belong to their callers: where the actor is proven, an id has the outcome that it has under that
  /// actor, or under none, from before callers had names. Elsewhere all callers are the same, and an id has
  /// one outcome; where it has several, from a time when actors were proven, it has that of the actor named,
  /// else the oldest. Where the log moved, because somebody else appended, what they wrote is folded in and
  /// the commands decided anew, those too that come to nothing that would be appended.
  Execution execute(std::span<const Command> commands, UnixMillis now);

  /// Every view holds all events up to `applied`: what is older may leave memory.
  void views_reached(GlobalPosition applied);

  /// Takes everything from the views again, since they are not what they were: they hold all that the log
  /// holds. Between two calls of execute().
  Result<void> forget();

  /// From here on commands whose id has no outcome are answered by this, since there is no room for their
  /// events; empty: no longer. What was done before needs no room to be told again.
  void hold_back(std::optional<Failure> failure) { held_back_ = std::move(failure); }
  /// execute() where no commit can be made now: commands whose id has no outcome are answered by this.
  Execution tell_again(std::span<const Command> commands, const Failure& otherwise);

  /// What the log holds, and the states below are good for.
  [[nodiscard]] GlobalPosition position() const { return head_.position; }
  [[nodiscard]] const LedgerOptions& options() const { return options_; }

  /// An aggregate as it is at position(), where it is in memory; null where only the views know it, and they
  /// then know all of it. Good until the next call of another member.
  [[nodiscard]] const std::optional<Order>* peek(const OrderId& order) const {
    return aggregates_.peek(order);
  }
  [[nodiscard]] const std::optional<Product>* peek(const Sku& sku) const { return aggregates_.peek(sku); }

 private:
  Ledger(EventLog& log, const Views& views, LedgerOptions options, std::uint64_t next_order_number);

  Execution fail(Fault fault, std::size_t commands);
  /// Of one commit: its commands, which are whole batches, and how many of them have in memory what they
  /// need.
  struct Loaded {
    std::span<const Command> commands;
    std::size_t ready = 0;
  };
  Result<Loaded> load(std::span<const Command> commands);
  void miss_order(const OrderId& order);
  void miss_products(const CommandBody& body);
  void miss_products(const Lines& lines);
  /// Takes orders or products that are not in memory from their view, and empties `missing`.
  template <class Id>
  Result<void> load_missing(std::vector<Id>& missing);
  template <class Id>
  Result<void> load_one(const Id& id);
  Result<void> load_receipts();

  Result<std::vector<Answer>> decide_all(std::span<const Command> commands, UnixMillis time);
  /// Decides a command, appends its answer, and returns the lines of its event and answer.
  Result<std::size_t> decide_next(const Command& command, UnixMillis time, std::vector<Answer>& answers);
  /// The same for a batch, of which `ready` commands were loaded.
  Result<std::size_t> decide_batch(std::span<const Command> batch, std::size_t ready, UnixMillis time,
                                   std::vector<Answer>& answers);
  /// Forgets what was decided of a batch, of which the command at `refused` was refused, and makes `answers`,
  /// which hold those up to it, the answers of the batch. Before the batch, `kept` events were decided.
  Result<void> refuse_batch(std::span<const Command> batch, std::size_t refused, std::size_t kept,
                            UnixMillis time, std::span<Answer> answers);
  void roll_back(std::size_t kept_events);
  Result<Answer> decide_one(const Command& command, UnixMillis time);
  Result<Answer> record(const Command& command, UnixMillis time, Decision decision);
  Result<std::optional<Answer>> earlier_outcome(const Command& command) const;
  /// Of an id, from memory and from the views, ascending by position.
  [[nodiscard]] Receipts receipts_of(const CommandId& id) const;
  /// The event of a receipt: decided just now, or in the log.
  [[nodiscard]] Result<std::shared_ptr<const RecordedEvent>> event_of(const Receipt& receipt) const;
  Result<OrderId> next_free_order();
  Result<std::uint64_t> number_behind(std::uint64_t taken);
  Result<bool> is_taken(std::uint64_t number);

  Result<void> roll_forward();
  Result<void> fold(const RecordedEvent& event);
  void drop_decisions();

  EventLog& log_;
  const Views& views_;
  LedgerOptions options_;
  Head head_;
  const Epoch life_;  ///< Of the log: its numbers are the ones to assign.
  WorkingSet aggregates_;
  RecentReceipts receipts_;
  std::vector<OrderId> missing_orders_;  ///< To be loaded before the next decisions; so are the next two.
  std::vector<Sku> missing_products_;
  std::vector<CommandId> missing_receipts_;
  std::unordered_map<CommandId, Receipts> loaded_receipts_;  ///< Of the commands being decided.
  /// By event_of(): callers that number their commands alike find each other's receipts one after the other.
  mutable std::shared_ptr<const Commit> last_read_;
  std::vector<RecordedEvent> events_;  ///< Decided and not yet appended.
  std::optional<Failure> held_back_;   ///< What nothing new is decided for.
  std::optional<Fault> fault_;         ///< Set: nothing can be decided any more.
};

}  // namespace stockfold
