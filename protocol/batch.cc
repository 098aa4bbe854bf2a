#include "protocol/batch.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace stockfold {

std::optional<Failure> malformation_of_batch(std::span<const Command> commands) {
  if (commands.empty() || commands.size() > kMaxBatchCommands) {
    return Failure(ErrorCode::invalid_argument, "commands: a batch has 1 to " +
                                                    std::to_string(kMaxBatchCommands) + " commands, found " +
                                                    std::to_string(commands.size()));
  }
  std::size_t lines = 0;
  for (const Command& command : commands) lines += lines_in(command.body);
  if (lines <= kMaxBatchLines) return std::nullopt;
  return Failure(ErrorCode::invalid_argument, "commands: a batch has at most " +
                                                  std::to_string(kMaxBatchLines) + " lines, found " +
                                                  std::to_string(lines));
}

Failure batch_refused_by(std::size_t index) {
  return {ErrorCode::batch_refused,
          "nothing was done: command " + std::to_string(index + 1) + " of the batch was refused"};
}

Failure refused_in_batch(const Answer& answer) {
  const auto* refusal = std::get_if<Refusal>(&answer.outcome);
  if (refusal != nullptr && refusal->rule == Rule::command_id_reused) {
    return {ErrorCode::batch_refused,
            "nothing was done: another command of the batch has the same command id"};
  }
  return {ErrorCode::batch_refused,
          "nothing was done: after the commands before it in the batch, " + message_of(answer)};
}

std::vector<EarlyAnswer> screen(std::vector<Command>& commands, bool all_or_none,
                                const std::function<std::optional<Failure>(Command&)>& check) {
  std::vector<EarlyAnswer> early;
  const std::size_t count = commands.size();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count; ++i) {
    auto failure = check(commands[i]);
    if (!failure) {
      if (kept != i) commands[kept] = std::move(commands[i]);
      ++kept;
      continue;
    }
    early.push_back({i, Answer{std::move(*failure)}});
    if (all_or_none) break;
  }
  if (!all_or_none || early.empty()) {
    commands.resize(kept);
    return early;
  }
  commands.clear();
  const EarlyAnswer refused = std::move(early.front());
  early.clear();
  for (std::size_t i = 0; i < count; ++i) {
    early.push_back({i, i == refused.index ? refused.answer : Answer{batch_refused_by(refused.index)}});
  }
  return early;
}

std::vector<Answer> merged(std::vector<EarlyAnswer> early, std::span<const Answer> decided) {
  std::vector<Answer> answers;
  const std::size_t count = early.size() + decided.size();
  answers.reserve(count);
  auto next = early.begin();
  while (answers.size() < count) {
    if (next != early.end() && next->index == answers.size()) {
      answers.push_back(std::move(next++->answer));
    } else {
      assert(!decided.empty());
      answers.push_back(decided.front());
      decided = decided.subspan(1);
    }
  }
  return answers;
}

}  // namespace stockfold
