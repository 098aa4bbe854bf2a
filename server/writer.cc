#include "server/writer.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace stockfold {

Writer::Writer(Ledger& ledger, WriterOptions options, Callbacks callbacks)
    : ledger_(ledger),
      options_(options),
      callbacks_(std::move(callbacks)),
      applied_(ledger_.position().value()) {}

bool Writer::submit(Command&& command, Asker& asker, Turn turn) {
  const std::uint64_t applied = applied_.load(std::memory_order_acquire);
  const std::uint64_t position = ledger_.position().value();
  if (position > applied && position - applied > options_.max_view_lag) return false;
  if (!has_room(turn)) return false;
  lines_ += lines_in(command.body);
  commands_.push_back(std::move(command));
  if (runs_done_ == runs_.size() || runs_.back().asker.get() != &asker) {
    runs_.push_back({asker.shared_from_this(), 0});
  }
  ++runs_.back().commands;
  return true;
}

bool Writer::has_room(Turn turn) const {
  const auto open_to = [turn](std::size_t limit) { return turn == Turn::first ? limit : limit - limit / 4; };
  return waiting() < open_to(options_.queue_limit) && lines_ < open_to(options_.queue_lines);
}

void Writer::commit() {
  assert(pending());
  ledger_.views_reached(GlobalPosition(applied_.load(std::memory_order_acquire)));
  const GlobalPosition before = ledger_.position();
  const auto waiting = std::span(commands_).subspan(done_);
  const Execution execution = ledger_.execute(waiting, callbacks_.now());
  if (execution.fault) callbacks_.failed(*execution.fault);
  answer(execution.answers);
  if (ledger_.position() != before) callbacks_.appended(ledger_.position());  // nobody waits longer for that
  for (const Command& command : waiting.first(execution.answers.size())) lines_ -= lines_in(command.body);
  done_ += execution.answers.size();
  drop_done();
}

/// What is executed goes once it is the larger part: so each command is moved once at most, on average.
void Writer::drop_done() {
  if (done_ < waiting()) return;
  commands_.erase(commands_.begin(), commands_.begin() + static_cast<std::ptrdiff_t>(done_));
  runs_.erase(runs_.begin(), runs_.begin() + static_cast<std::ptrdiff_t>(runs_done_));
  done_ = runs_done_ = 0;
}

void Writer::answer(std::span<const Answer> answers) {
  const std::size_t first = runs_done_;
  std::size_t last = first;  // the one that was answered last, as a whole or in part
  while (!answers.empty()) {
    last = runs_done_;
    Run& run = runs_[runs_done_];
    const std::size_t count = std::min(run.commands, answers.size());
    run.asker->answered(answers.first(count));
    answers = answers.subspan(count);
    run.commands -= count;
    if (run.commands == 0) ++runs_done_;
  }
  for (std::size_t i = first; i <= last; ++i) runs_[i].asker->flush();
}

}  // namespace stockfold
