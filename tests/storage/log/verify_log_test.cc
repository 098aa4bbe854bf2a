#include "storage/log/verify_log.h"

#include <gtest/gtest.h>

#include "storage/log/memory_log.h"
#include "storage/samples.h"

namespace stockfold {
namespace {

class VerifyLog : public testing::Test {
 protected:
  VerifyLog() {
    for (int i = 0; i < 3; ++i) {
      const GlobalPosition end = log_.head().position;
      log_.append(end, commit_after(end, 2));
    }
  }

  ViewCheckpoint checkpoint_at(GlobalPosition position) {
    const auto commit = log_.read(position)->next();
    const Head head = log_.head();
    return {.version = 1,
            .ledger = head.ledger,
            .epoch = head.epoch,
            .position = position,
            .hash = (*commit)->hash};
  }

  Result<void> verify(const ViewCheckpoint& witness) {
    return verify_log(log_, GlobalPosition(0), {{"stock", witness}});
  }

  MemoryLog log_{LedgerId{}};
};

TEST_F(VerifyLog, AcceptsCheckpointsThatMatchTheirCommits) {
  for (const std::uint64_t at : {2U, 4U, 6U}) EXPECT_TRUE(verify(checkpoint_at(GlobalPosition(at)))) << at;
  EXPECT_TRUE(verify({}));
}

TEST_F(VerifyLog, DetectsCheckpointBeyondHead) {
  ViewCheckpoint witness = checkpoint_at(GlobalPosition(6));
  witness.position = GlobalPosition(9);
  const auto verified = verify(witness);
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().kind, FaultKind::corruption);
  EXPECT_EQ(verified.error().position, GlobalPosition(7));
}

TEST_F(VerifyLog, DetectsCheckpointOfAnotherCommit) {
  ViewCheckpoint witness = checkpoint_at(GlobalPosition(4));
  witness.hash.bytes[0] ^= 1;
  const auto verified = verify(witness);
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().kind, FaultKind::corruption);
  EXPECT_EQ(verified.error().position, GlobalPosition(4));
}

TEST_F(VerifyLog, DetectsCheckpointWithinCommit) {
  ViewCheckpoint witness = checkpoint_at(GlobalPosition(4));
  witness.position = GlobalPosition(3);
  EXPECT_FALSE(verify(witness));
}

TEST_F(VerifyLog, IgnoresCheckpointsOfAnotherEpochOrLedger) {
  ViewCheckpoint witness = checkpoint_at(GlobalPosition(6));
  witness.position = GlobalPosition(9);
  witness.epoch = Epoch(2);
  EXPECT_TRUE(verify(witness));
  witness.epoch = Epoch(1);
  witness.ledger.bytes[0] ^= 1;
  EXPECT_TRUE(verify(witness));
}

}  // namespace
}  // namespace stockfold
