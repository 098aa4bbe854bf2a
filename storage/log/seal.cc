#include "storage/log/seal.h"

#include <cassert>
#include <utility>

#include "storage/log/commit_record.h"

namespace stockfold {

SealedCommit seal(const Head& head, Commit commit) {
  commit.epoch = head.epoch;
  return seal_copy(head, std::move(commit));
}

SealedCommit seal_copy(const Head& head, Commit commit) {
  assert(!commit.events.empty() && commit.first() == head.position.next() && commit.epoch <= head.epoch);
  commit.previous = head.hash;
  std::string record = encode_commit(commit);
  Head end = head;
  end.position = commit.last();
  end.hash = commit.hash;
  end.time = commit.time;
  return {std::move(commit), std::move(record), end};
}

}  // namespace stockfold
