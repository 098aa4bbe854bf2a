#include "server/ledger/writer.h"

#include <algorithm>
#include <cassert>
#include <utility>
#include <vector>

#include "server/ledger/batch.h"

namespace stockfold {
namespace {

using Clock = std::chrono::steady_clock;

QueueLimits limits_of(const WriterOptions& options, const LedgerOptions& commit) {
  return {.queue_commands = options.queue_limit,
          .queue_lines = options.queue_lines,
          .commit_commands = commit.commit_commands,
          .commit_lines = commit.commit_lines};
}

}  // namespace

Writer::Writer(Ledger& ledger, WriterOptions options, Callbacks callbacks)
    : ledger_(ledger),
      options_(options),
      callbacks_(std::move(callbacks)),
      applied_(ledger_.position().value()),
      queue_(limits_of(options_, ledger_.options())) {}

bool Writer::has_room(Turn turn) {
  const std::uint64_t applied = applied_.load(std::memory_order_acquire);
  const std::uint64_t position = ledger_.position().value();
  if (position > applied && position - applied > options_.max_view_lag) {
    ++refused_behind_;
    return false;
  }
  if (queue_.has_room(turn)) return true;
  ++refused_full_;
  return false;
}

bool Writer::submit(Command&& command, CommandSource& source, Turn turn) {
  if (!has_room(turn)) return false;
  if (!pending() || committing_) now_ = Clock::now();  // what was said last may be long ago
  queue_.add(source.id(), source.shared_from_this(), std::move(command), now_);
  return true;
}

bool Writer::submit_batch(std::span<Command> batch, bool atomic, CommandSource& source, Turn turn) {
  if (!has_room(turn)) return false;
  if (!pending() || committing_) now_ = Clock::now();
  join_batch(batch, atomic);
  const auto client = source.shared_from_this();
  for (Command& command : batch) queue_.add(source.id(), client, std::move(command), now_);
  return true;
}

void Writer::refuse_waiting(const Failure& failure) {
  assert(!committing_);
  const auto refused = queue_.remove_all();
  for (const auto& [source, commands] : refused) {
    source->answered(std::vector<Answer>(commands, Answer{failure}));
  }
  for (const auto& [source, commands] : refused) source->flush();
}

WriterLoad Writer::load() const {
  return {.commands = queue_.commands(),
          .lines = queue_.lines(),
          .refused_full = refused_full_,
          .refused_behind = refused_behind_};
}

void Writer::commit() {
  assert(pending());
  const auto begun = Clock::now();
  ledger_.views_reached(GlobalPosition(applied_.load(std::memory_order_acquire)));
  queue_.take_commit();
  const GlobalPosition before = ledger_.position();
  const auto time = callbacks_.now();
  committing_ = true;
  const Execution execution =
      time ? ledger_.execute(queue_.taken(), *time) : ledger_.tell_again(queue_.taken(), time.error());
  committing_ = false;
  if (execution.fault) callbacks_.failed(*execution.fault);
  answer(execution.answers);
  if (ledger_.position() != before) callbacks_.appended(ledger_.position());  // first: others wait
  const std::size_t count = execution.answers.size();
  callbacks_.committed({.commands = queue_.taken().first(count),
                        .answers = execution.answers,
                        .asked = queue_.asked().first(count),
                        .events = execution.events,
                        .begun = begun,
                        .deciding = execution.deciding,
                        .append = execution.append,
                        .answered = Clock::now()});
  queue_.executed(count);
}

void Writer::answer(std::span<const Answer> answers) {
  const auto give = [&](const auto& to_each) {
    std::size_t given = 0;
    for (const auto& [source, commands] : queue_.runs()) {
      if (given == answers.size()) return;
      const std::size_t count = std::min(commands, answers.size() - given);
      to_each(*source, answers.subspan(given, count));
      given += count;
    }
  };
  give([](CommandSource& source, std::span<const Answer> its) { source.answered(its); });
  give([](CommandSource& source, std::span<const Answer> /*given*/) { source.flush(); });
}

}  // namespace stockfold
