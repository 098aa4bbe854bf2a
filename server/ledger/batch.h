// Batches: commands that one client sends together, and that one commit takes together.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "core/command.h"
#include "protocol/answer.h"

namespace stockfold {

/// Makes one batch of commands, which are at least one. `atomic`: all of them are done, or none.
inline void join_batch(std::span<Command> commands, bool atomic) {
  for (Command& command : commands) {
    command.with_next = true;
    command.all_or_none = atomic;
  }
  commands.back().with_next = false;
}

/// How many of the commands belong to the first one's batch: 1 for a command that is in none.
[[nodiscard]] inline std::size_t size_of_batch(std::span<const Command> commands) {
  std::size_t size = 1;
  while (commands[size - 1].with_next) ++size;
  return size;
}

/// The first commands, at most so many, that end with a batch; more where the first batch is larger.
[[nodiscard]] inline std::span<const Command> whole_batches(std::span<const Command> commands,
                                                            std::size_t most) {
  if (commands.size() <= most) return commands;
  std::size_t end = most;
  while (end > 0 && commands[end - 1].with_next) --end;
  return commands.first(end > 0 ? end : size_of_batch(commands));
}

}  // namespace stockfold
