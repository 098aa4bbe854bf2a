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

bool Writer::submit(Command&& command, Asker& asker) {
  const std::uint64_t applied = applied_.load(std::memory_order_acquire);
  const std::uint64_t position = ledger_.position().value();
  if (position > applied && position - applied > options_.max_view_lag) return false;
  if (commands_.size() >= options_.queue_limit || lines_ >= options_.queue_lines) return false;
  lines_ += lines_in(command.body);
  commands_.push_back(std::move(command));
  if (turns_done_ == turns_.size() || turns_.back().asker.get() != &asker) {
    turns_.push_back({asker.shared_from_this(), 0});
  }
  ++turns_.back().commands;
  return true;
}

void Writer::commit() {
  assert(pending());
  ledger_.views_reached(GlobalPosition(applied_.load(std::memory_order_acquire)));
  const GlobalPosition before = ledger_.position();
  const Execution execution = ledger_.execute(std::span(commands_).subspan(done_), callbacks_.now());
  if (execution.fault) callbacks_.failed(*execution.fault);
  answer(execution.answers);
  if (ledger_.position() != before) callbacks_.appended(ledger_.position());  // nobody waits longer for that
  done_ += execution.answers.size();
  if (pending()) return;
  commands_.clear();
  turns_.clear();
  done_ = turns_done_ = lines_ = 0;
}

void Writer::answer(std::span<const Answer> answers) {
  const std::size_t first = turns_done_;
  std::size_t last = first;  // the one that was answered last, as a whole or in part
  while (!answers.empty()) {
    last = turns_done_;
    Turn& turn = turns_[turns_done_];
    const std::size_t count = std::min(turn.commands, answers.size());
    turn.asker->answered(answers.first(count));
    answers = answers.subspan(count);
    turn.commands -= count;
    if (turn.commands == 0) ++turns_done_;
  }
  for (std::size_t i = first; i <= last; ++i) turns_[i].asker->flush();
}

}  // namespace stockfold
