#include "storage/rocksdb/wal.h"

#include <gtest/gtest.h>

#include <string>

#include "storage/samples.h"

namespace stockfold {
namespace {

const std::string kFragmentHeader(7, 'h');

std::string record_after(std::uint64_t position, Epoch epoch = Epoch(1)) {
  Commit commit = commit_after(GlobalPosition(position), 1);
  commit.epoch = epoch;
  return encode_commit(commit);
}

/// A file as RocksDB lays out `content`, starting in the middle of its first block.
std::string in_blocks(std::string_view content) {
  std::string file;
  while (!content.empty()) {
    file += kFragmentHeader;
    file += content.substr(0, kWriteAheadBlockSize - kFragmentHeader.size());
    content.remove_prefix(std::min(content.size(), kWriteAheadBlockSize - kFragmentHeader.size()));
  }
  return file;
}

TEST(LastSighting, IsTheCommitThatStartsLast) {
  const auto sighted = last_sighting_in(
      in_blocks("batch" + record_after(4) + "batch" + record_after(7) + "batch" + record_after(1)), Epoch(1));
  ASSERT_TRUE(sighted);
  EXPECT_EQ(sighted->first, GlobalPosition(8));
}

TEST(LastSighting, IsEmptyWithoutCommits) {
  EXPECT_FALSE(last_sighting_in("", Epoch(1)));
  EXPECT_FALSE(last_sighting_in("head", Epoch(1)));
  EXPECT_FALSE(last_sighting_in(in_blocks(std::string(kCommitMagic) + "SFc1SFc"), Epoch(1)));
}

TEST(LastSighting, FindsHeaderAcrossBlockEnds) {
  const std::string record = record_after(4);
  for (std::size_t before = 0; before <= 80; ++before) {
    const std::string padding(kWriteAheadBlockSize - kFragmentHeader.size() - before, '.');
    EXPECT_TRUE(last_sighting_in(in_blocks(padding + record), Epoch(1))) << before;
  }
}

TEST(LastSighting, NeedsOnlyTheHeaderOfCommit) {
  EXPECT_TRUE(last_sighting_in(in_blocks(record_after(4).substr(0, 72)), Epoch(1)));
  EXPECT_FALSE(last_sighting_in(in_blocks(record_after(4).substr(0, 71)), Epoch(1)));
}

TEST(LastSighting, IgnoresCommitsOfAnotherEpoch) {
  EXPECT_FALSE(last_sighting_in(in_blocks(record_after(4, Epoch(2))), Epoch(1)));
}

TEST(LastSighting, IgnoresTextThatLooksLikeCommit) {
  Commit honest = commit_after(GlobalPosition(1), 1);
  honest.epoch = Epoch(1);
  std::get<StockReceived>(honest.events.front().event).reason = record_after(1'000);
  const auto sighted = last_sighting_in(in_blocks(encode_commit(honest)), Epoch(1));
  ASSERT_TRUE(sighted);
  EXPECT_EQ(sighted->first, GlobalPosition(2));
}

}  // namespace
}  // namespace stockfold
