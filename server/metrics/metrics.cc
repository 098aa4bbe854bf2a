#include "server/metrics/metrics.h"

#include <chrono>
#include <variant>

namespace stockfold {
namespace {

std::uint64_t nanoseconds(std::chrono::nanoseconds duration) {
  return duration.count() < 0 ? 0 : static_cast<std::uint64_t>(duration.count());
}

}  // namespace

void CommandCounts::count(const CommandBody& body, const Answer& answer) {
  OfKind& counts = counts_[body.index()];
  if (answer.replayed) {
    ++counts.replayed;
  } else if (const auto* refusal = std::get_if<Refusal>(&answer.outcome)) {
    ++counts.refused[static_cast<std::size_t>(refusal->rule)];
  } else {
    ++counts.accepted;
  }
}

void CommandCounts::count(CommandKind kind, Rule refused) {
  ++counts_[static_cast<std::size_t>(kind) - 1].refused[static_cast<std::size_t>(refused)];
}

void Metrics::count(const CommitFigures& commit) {
  const std::size_t all = commit.commands.size();
  for (std::size_t i = 0; i < all; ++i) commands.count(commit.commands[i].body, commit.answers[i]);

  for (std::size_t i = 0; i < all;) {  // most have come in one read with others
    const auto asked = commit.asked[i];
    const std::size_t first = i;
    while (i < all && commit.asked[i] == asked) ++i;
    queue.observe(nanoseconds(commit.begun - asked), i - first);
    whole.observe(nanoseconds(commit.answered - asked), i - first);
  }
  decide.observe(nanoseconds(commit.deciding), all);
  if (commit.events == 0) return;
  append.observe(nanoseconds(commit.append.write), all);
  sync.observe(nanoseconds(commit.append.sync), all);
  ++commits;
  commit_commands.observe(all);
  commit_events.observe(commit.events);
  commit_bytes.observe(commit.append.bytes);
}

}  // namespace stockfold
