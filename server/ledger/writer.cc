#include "server/ledger/writer.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace stockfold {
namespace {

/// What one asker has in its turn, where others wait for theirs.
constexpr std::size_t kTurnCommands = 4;
constexpr std::size_t kTurnLines = 64;
/// Where half of those in line have no more than a turn waiting: for them a commit is soon over.
constexpr std::size_t kShortCommit = 256;
/// Commits after one with a turn that no large order ended: whoever had it is likely to ask again.
constexpr std::uint64_t kOthersAskAgain = 16;
/// For how many an asker without any keeps the room.
constexpr std::size_t kKeptCommands = 64;

using Clock = std::chrono::steady_clock;

}  // namespace

Writer::Writer(Ledger& ledger, WriterOptions options, Callbacks callbacks)
    : ledger_(ledger),
      options_(options),
      callbacks_(std::move(callbacks)),
      applied_(ledger_.position().value()) {}

bool Writer::has_room(Turn turn) {
  const std::uint64_t applied = applied_.load(std::memory_order_acquire);
  const std::uint64_t position = ledger_.position().value();
  if (position > applied && position - applied > options_.max_view_lag) {
    ++refused_behind_;
    return false;
  }
  const auto open_to = [turn](std::size_t limit) { return turn == Turn::first ? limit : limit - limit / 4; };
  if (waiting_ < open_to(options_.queue_limit) && lines_ < open_to(options_.queue_lines)) return true;
  ++refused_full_;
  return false;
}

bool Writer::submit(Command&& command, Asker& asker, Turn turn) {
  if (!has_room(turn)) return false;
  if (waiting_ == 0) now_ = Clock::now();  // what was said last may be long ago
  lines_ += lines_in(command.body);
  ++waiting_;
  if (asker.waiting_.empty()) line_.push_back(asker.shared_from_this());
  asker.waiting_.push_back({std::move(command), now_});
  return true;
}

void Writer::refuse_waiting(const Refusal& refusal) {
  const Answer answer{refusal};
  std::vector<std::shared_ptr<Asker>> answered;
  const auto tell = [&](const std::shared_ptr<Asker>& asker, std::size_t commands) {
    for (std::size_t i = 0; i < commands; ++i) asker->answered({&answer, 1});
    answered.push_back(asker);
  };
  for (const Run& run : runs_) tell(run.asker, run.commands);
  for (const auto& asker : line_) {
    tell(asker, asker->waiting_.size() - asker->taken_);
    asker->waiting_.clear();
    asker->taken_ = 0;
  }
  runs_.clear();
  batch_.clear();
  asked_.clear();
  line_.clear();
  waiting_ = lines_ = 0;
  for (const auto& asker : answered) asker->flush();
}

WriterLoad Writer::load() const {
  return {.commands = waiting_,
          .lines = lines_,
          .refused_full = refused_full_,
          .refused_behind = refused_behind_};
}

void Writer::commit() {
  assert(pending());
  const auto begun = Clock::now();
  ledger_.views_reached(GlobalPosition(applied_.load(std::memory_order_acquire)));
  gather();
  const GlobalPosition before = ledger_.position();
  const auto time = callbacks_.now();
  const Execution execution =
      time ? ledger_.execute(batch_, *time) : ledger_.tell_again(batch_, time.error());
  if (execution.fault) callbacks_.failed(*execution.fault);
  answer(execution.answers);
  if (ledger_.position() != before) callbacks_.appended(ledger_.position());  // nobody waits longer for that
  const std::size_t count = execution.answers.size();
  const std::span<const Command> executed = std::span(batch_).first(count);
  callbacks_.committed({.commands = executed,
                        .answers = execution.answers,
                        .asked = std::span(asked_).first(count),
                        .events = execution.events,
                        .begun = begun,
                        .deciding = execution.deciding,
                        .appending = execution.appending,
                        .answered = Clock::now()});
  for (const Command& command : executed) lines_ -= lines_in(command.body);
  waiting_ -= count;
  const auto done = static_cast<std::ptrdiff_t>(count);
  batch_.erase(batch_.begin(), batch_.begin() + done);
  asked_.erase(asked_.begin(), asked_.begin() + done);
}

/// What the commit before left, and turns of those in line: whoever waits for one answer is not behind all
/// that others have sent ahead of theirs.
void Writer::gather() {
  ++commits_;
  const std::size_t lines = ledger_.options().commit_lines;
  gather_turns(lines, true);
  if (!batch_.empty()) return;
  // Nobody else waits; but where others were served lately, they are to find a commit that is soon over.
  const bool others_ask = commits_ - others_turn_ < kOthersAskAgain;
  gather_turns(others_ask ? 1 : lines, false);
}

/// Turns until the batch has so many lines, or as many commands as a commit takes.
void Writer::gather_turns(std::size_t most_lines, bool pass_by) {
  const LedgerOptions& most = ledger_.options();
  const bool all = waiting_ <= most.commit_commands && lines_ <= most.commit_lines;
  std::size_t lines = 0;
  for (const Command& command : batch_) lines += lines_in(command.body);
  std::size_t most_commands = most.commit_commands;
  std::size_t emptied = 0;  // of those who were in line, in the first round
  const std::size_t in_line = line_.size();
  std::size_t turns = 0;
  std::vector<std::shared_ptr<Asker>> passed_by;
  while (batch_.size() < most_commands && lines < most_lines && !line_.empty()) {
    std::shared_ptr<Asker> asker = std::move(line_.front());
    line_.pop_front();
    ++turns;
    if (pass_by && asker->next_turn_ > commits_) {
      passed_by.push_back(std::move(asker));
      continue;
    }
    lines += take(asker, all ? most.commit_commands : kTurnCommands, all ? most.commit_lines : kTurnLines);
    if (asker->waiting_.empty()) {
      ++emptied;
    } else {
      line_.push_back(std::move(asker));
    }
    if (turns == in_line && 2 * emptied >= in_line) most_commands = std::min(most_commands, kShortCommit);
  }
  line_.insert(line_.begin(), passed_by.begin(), passed_by.end());
}

/// Up to so many of an asker's commands, and one at least; returns how many lines they have. A large order
/// ends its turn, and the next ones that it is worth.
std::size_t Writer::take(const std::shared_ptr<Asker>& asker, std::size_t commands, std::size_t lines) {
  std::vector<Asker::Waiting>& waiting = asker->waiting_;
  std::size_t& taken = asker->taken_;
  const std::size_t before = taken;
  std::size_t lines_taken = 0;
  bool large = false;
  do {
    auto& [command, asked] = waiting[taken];
    const std::size_t of_this = lines_in(command.body);
    large = of_this > kTurnLines;
    if (large) {
      asker->next_turn_ = commits_ + of_this / kTurnLines;
    } else {
      others_turn_ = commits_;
    }
    lines_taken += of_this;
    batch_.push_back(std::move(command));
    asked_.push_back(asked);
    ++taken;
  } while (!large && taken < waiting.size() && taken - before < commands && lines_taken < lines);
  runs_.push_back({asker, taken - before});

  if (taken < waiting.size() - taken) return lines_taken;  // what is taken goes once it is the larger part
  waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(taken));
  taken = 0;
  if (waiting.empty() && waiting.capacity() > kKeptCommands) waiting.shrink_to_fit();
  return lines_taken;
}

void Writer::answer(std::span<const Answer> answers) {
  std::vector<std::shared_ptr<Asker>> answered;
  while (!answers.empty()) {
    Run& run = runs_.front();
    const std::size_t count = std::min(run.commands, answers.size());
    run.asker->answered(answers.first(count));
    answers = answers.subspan(count);
    run.commands -= count;
    answered.push_back(run.asker);
    if (run.commands == 0) runs_.pop_front();
  }
  for (const auto& asker : answered) asker->flush();
}

}  // namespace stockfold
