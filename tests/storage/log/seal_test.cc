#include "storage/log/seal.h"

#include <gtest/gtest.h>

#include <utility>

#include "storage/log/commit_record.h"
#include "storage/samples.h"

namespace stockfold {
namespace {

Head end_of_log() {
  return {.ledger = {.bytes = {1}},
          .epoch = Epoch(5),
          .position = GlobalPosition(10),
          .hash = {{7}},
          .time = UnixMillis(3)};
}

TEST(Seal, FillsEpochAndHashes) {
  const Head before = end_of_log();
  const SealedCommit sealed = seal(before, commit_after(before.position, 2));
  EXPECT_EQ(sealed.commit.epoch, before.epoch);
  EXPECT_EQ(sealed.commit.previous, before.hash);
  const auto read = decode_commit(sealed.record, GlobalPosition(11));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->hash, sealed.commit.hash);
  EXPECT_EQ(read->previous, before.hash);
  EXPECT_EQ(read->events, sealed.commit.events);
}

TEST(Seal, ReturnsTheHeadBehindTheCommit) {
  const Head before = end_of_log();
  const SealedCommit sealed = seal(before, commit_after(before.position, 2, UnixMillis(9)));
  EXPECT_EQ(sealed.head.ledger, before.ledger);
  EXPECT_EQ(sealed.head.epoch, before.epoch);
  EXPECT_EQ(sealed.head.position, GlobalPosition(12));
  EXPECT_EQ(sealed.head.hash, sealed.commit.hash);
  EXPECT_EQ(sealed.head.time, UnixMillis(9));
}

TEST(Seal, KeepsTheEpochOfACopy) {
  const Head before = end_of_log();
  Commit commit = commit_after(before.position, 1);
  commit.epoch = Epoch(2);
  const SealedCommit sealed = seal_copy(before, std::move(commit));
  EXPECT_EQ(sealed.commit.epoch, Epoch(2));
  EXPECT_EQ(sealed.head.epoch, before.epoch);
}

}  // namespace
}  // namespace stockfold
