#include "storage/log/commit_chain.h"

#include <string>

#include "storage/log/commit_record.h"

namespace stockfold {
namespace {

std::unexpected<Fault> broken(GlobalPosition position, const std::string& what) {
  return std::unexpected(
      corruption(position, "the chain is broken at " + std::to_string(position.value()) + ": " + what));
}

}  // namespace

Result<void> CommitChain::follow(const Commit& commit) {
  const GlobalPosition first = commit.first();
  if (!link_ && first == GlobalPosition(1)) link_ = Link{GlobalPosition(0), genesis_hash(ledger_), Epoch(0)};
  if (link_) {
    const GlobalPosition expected = link_->last.next();
    if (first != expected)
      return broken(expected, "the next commit starts at " + std::to_string(first.value()));
    if (commit.previous != link_->hash) {
      return broken(
          first, "it follows " + to_hex(commit.previous) + ", but " + to_hex(link_->hash) + " is before it");
    }
    if (commit.epoch < link_->epoch)
      return broken(first, "its epoch is lower than that of the commit before");
  }
  if (commit.epoch > epoch_) return broken(first, "its epoch is later than that of the log");
  link_ = Link{commit.last(), commit.hash, commit.epoch};
  return {};
}

}  // namespace stockfold
