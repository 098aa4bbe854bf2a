#include "storage/log/verify_log.h"

#include <utility>

namespace stockfold {
namespace {

using SeenCommit = std::pair<std::string, CommitHash>;  // a view's name and what it saw
using SeenCommits = std::multimap<GlobalPosition, SeenCommit>;

SeenCommits of_this_log(const Head& head, const std::map<std::string, ViewCheckpoint>& checkpoints) {
  SeenCommits witnesses;
  for (const auto& [view, checkpoint] : checkpoints) {
    if (checkpoint.ledger != head.ledger || checkpoint.epoch != head.epoch) continue;
    if (checkpoint.position > GlobalPosition(0))
      witnesses.emplace(checkpoint.position, SeenCommit(view, checkpoint.hash));
  }
  return witnesses;
}

Result<void> confirm(const Commit& commit, const SeenCommits& witnesses) {
  const auto end = witnesses.upper_bound(commit.last());
  for (auto witness = witnesses.lower_bound(commit.first()); witness != end; ++witness) {
    const auto& [position, saw] = *witness;
    if (position == commit.last() && saw.second == commit.hash) continue;
    return std::unexpected(corruption(position, "the log does not match view " + saw.first + " at event " +
                                                    std::to_string(position.value())));
  }
  return {};
}

}  // namespace

Result<void> verify_log(const EventLog& log, GlobalPosition from,
                        const std::map<std::string, ViewCheckpoint>& witnesses) {
  const Head head = log.head();
  const SeenCommits seen = of_this_log(head, witnesses);
  if (!seen.empty() && seen.rbegin()->first > head.position) {
    const auto& [position, last] = *seen.rbegin();
    return std::unexpected(corruption(
        head.position.next(), "view " + last.first + " has seen event " + std::to_string(position.value()) +
                                  ", but the log ends at " + std::to_string(head.position.value())));
  }
  const auto cursor = log.read(from);
  for (;;) {
    auto commit = cursor->next();
    if (!commit) return std::unexpected(std::move(commit.error()));
    if (*commit == nullptr) return {};
    if (auto confirmed = confirm(**commit, seen); !confirmed) return confirmed;
  }
}

}  // namespace stockfold
