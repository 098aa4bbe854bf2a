// The answers to a batch: several commands in one request, which one commit takes together.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "core/command.h"
#include "protocol/answer.h"

namespace stockfold {

/// The most commands of a batch, which has one at least.
inline constexpr std::size_t kMaxBatchCommands = 1'000;
/// The most lines of a batch: of its orders, and of the orders that its commands name.
inline constexpr std::size_t kMaxBatchLines = 32'768;

/// Why a batch is malformed as a whole; empty if it is not.
[[nodiscard]] std::optional<Failure> malformation_of_batch(std::span<const Command> commands);

/// Of the other commands of a batch of which all or none is done: the one at `index`, from 0, was refused.
[[nodiscard]] Failure batch_refused_by(std::size_t index);
/// Of that command itself, if it was refused only because of the commands before it in the batch, which were
/// not done either. `answer`: its refusal.
[[nodiscard]] Failure refused_in_batch(const Answer& answer);

/// An answer that was given before the batch was decided.
struct EarlyAnswer {
  std::size_t index = 0;  ///< Of its command in the batch, from 0.
  Answer answer;
};

/// Removes the commands that `check` refuses from the batch and returns their answers, ascending. If all or
/// none is done, one refused command removes them all.
[[nodiscard]] std::vector<EarlyAnswer> screen(std::vector<Command>& commands, bool all_or_none,
                                              const std::function<std::optional<Failure>(Command&)>& check);

/// The answers of the whole batch, in order: `decided` are those of the commands that were not screened.
[[nodiscard]] std::vector<Answer> merged(std::vector<EarlyAnswer> early, std::span<const Answer> decided);

}  // namespace stockfold
