#include "server/metrics/metrics.h"

#include <chrono>
#include <variant>

#include "core/overloaded.h"

namespace stockfold {
namespace {

std::uint64_t nanoseconds(std::chrono::nanoseconds duration) {
  return duration.count() < 0 ? 0 : static_cast<std::uint64_t>(duration.count());
}

}  // namespace

void CommandCounts::count(CommandKind kind, const Answer& answer) {
  OfKind& counts = counts_[static_cast<std::size_t>(kind) - 1];
  if (answer.replayed) {
    ++counts.replayed;
    return;
  }
  std::visit(Overloaded{[&](const Accepted&) { ++counts.accepted; },
                        [&](const Refusal& refusal) { ++counts.of(refusal.rule); },
                        [&](const Contradiction&) { ++counts.of(ErrorCode::invalid_argument); },
                        [&](const Failure& failure) { ++counts.of(failure.code); }},
             answer.outcome);
}

void CommandCounts::count(CommandKind kind, ErrorCode code) {
  ++counts_[static_cast<std::size_t>(kind) - 1].of(code);
}

void Metrics::count(const CommitFigures& commit) {
  const std::size_t all = commit.commands.size();
  for (std::size_t i = 0; i < all; ++i) commands.count(kind_of(commit.commands[i].body), commit.answers[i]);

  for (std::size_t i = 0; i < all;) {  // most requests come in one read with others
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
