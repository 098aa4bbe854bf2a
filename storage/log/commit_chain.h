// The links from one commit to the next.
#pragma once

#include <cstdint>
#include <optional>

#include "storage/log/event_log.h"

namespace stockfold {

/// Checks that commits, given one after the other, are one unbroken stretch of the log of `head`'s ledger.
/// Positions have no gaps. Each commit names the hash of the one before it; the first commit of the log names
/// the ledger's genesis.
class CommitChain {
 public:
  /// The stretch may start at any commit.
  explicit CommitChain(const Head& head) : ledger_(head.ledger), epoch_(head.epoch) {}

  /// Returns a fault if `commit` does not follow the one given last.
  Result<void> follow(const Commit& commit);

 private:
  struct Link {
    GlobalPosition last;
    CommitHash hash;
    Epoch epoch;
  };

  LedgerId ledger_;
  Epoch epoch_;
  std::optional<Link> link_;
};

}  // namespace stockfold
