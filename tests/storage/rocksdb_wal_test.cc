#include "storage/rocksdb_wal.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "storage/golden.h"
#include "storage/samples.h"
#include "support/temporary_directory.h"
#include "support/write_ahead_fragments.h"

namespace stockfold {
namespace {

constexpr std::size_t kBlockSize = kWriteAheadBlockSize;
const std::string kFragmentHeader(7, 'h');

std::string record_after(std::uint64_t position, Epoch epoch = Epoch(1)) {
  Commit commit = commit_after(GlobalPosition(position), 1);
  commit.epoch = epoch;
  return encode_commit(commit);
}

/// A file as RocksDB lays out `content` that starts in the midst of its first block.
std::string in_blocks(std::string_view content) {
  std::string file;
  while (!content.empty()) {
    file += kFragmentHeader;
    file += content.substr(0, kBlockSize - kFragmentHeader.size());
    content.remove_prefix(std::min(content.size(), kBlockSize - kFragmentHeader.size()));
  }
  return file;
}

TEST(LastSighting, is_the_commit_that_starts_last) {
  const auto sighted = last_sighting_in(
      in_blocks("batch" + record_after(4) + "batch" + record_after(7) + "batch" + record_after(1)), Epoch(1));
  ASSERT_TRUE(sighted);
  EXPECT_EQ(sighted->first, GlobalPosition(8));
}

TEST(LastSighting, is_nothing_where_no_commit_is) {
  EXPECT_FALSE(last_sighting_in("", Epoch(1)));
  EXPECT_FALSE(last_sighting_in("head", Epoch(1)));
  EXPECT_FALSE(last_sighting_in(in_blocks(std::string(kCommitMagic) + "SFc1SFc"), Epoch(1)));
}

TEST(LastSighting, finds_a_header_that_runs_over_the_end_of_a_block_anywhere) {
  const std::string record = record_after(4);
  for (std::size_t before = 0; before <= 80; ++before) {
    const std::string padding(kBlockSize - kFragmentHeader.size() - before, '.');
    EXPECT_TRUE(last_sighting_in(in_blocks(padding + record), Epoch(1))) << before;
  }
}

TEST(LastSighting, does_not_need_the_rest_of_the_commit) {
  EXPECT_TRUE(last_sighting_in(in_blocks(record_after(4).substr(0, 72)), Epoch(1)));
  EXPECT_FALSE(last_sighting_in(in_blocks(record_after(4).substr(0, 71)), Epoch(1)));
}

TEST(LastSighting, is_of_one_life_of_the_log) {
  EXPECT_FALSE(last_sighting_in(in_blocks(record_after(4, Epoch(2))), Epoch(1)));
}

TEST(LastSighting, passes_over_a_text_that_looks_like_a_commit) {
  Commit honest = commit_after(GlobalPosition(1), 1);
  honest.epoch = Epoch(1);
  std::get<StockReceived>(honest.events.front().event).reason = record_after(1'000);
  const auto sighted = last_sighting_in(in_blocks(encode_commit(honest)), Epoch(1));
  ASSERT_TRUE(sighted);
  EXPECT_EQ(sighted->first, GlobalPosition(2));
}

// ---- what RocksDB does not survive ------------------------------------------------------------------------

constexpr std::uint64_t kImpossible = std::uint64_t{1} << 56U;
enum FragmentType : char {
  kWholeFragment = 1,
  kFirstFragment = 2,
  kLastFragment = 4,
  kRecycledFragment = 5,
  kCompressionFragment = 9
};

std::string record_of(std::uint64_t sequence) {
  std::string record;
  for (int i = 0; i < 8; ++i) record.push_back(static_cast<char>(sequence >> (8 * i)));
  return record + std::string("\1\0\0\0", 4) + "rows";
}

std::string fragment(FragmentType type, std::string_view content) {
  std::string bytes(4, '\0');
  bytes.push_back(static_cast<char>(content.size()));
  bytes.push_back(static_cast<char>(content.size() >> 8U));
  return bytes.append(1, type).append(content);
}

class WriteAheadFiles : public testing::Test {
 protected:
  /// Whether a file of these bytes is let through.
  [[nodiscard]] bool pass(const std::string& file) const {
    write_bytes(directory_.path() / "000007.log", file);
    const auto checked = check_write_ahead_files(directory_.path());
    if (checked) return true;
    EXPECT_EQ(checked.error().kind, FaultKind::corruption);
    EXPECT_NE(checked.error().what.find("000007.log"), std::string::npos) << checked.error().what;
    return false;
  }
  [[nodiscard]] bool pass_sealed(std::string file) const {
    seal_fragments(file);
    return pass(file);
  }

  TemporaryDirectory directory_;
};

TEST_F(WriteAheadFiles, PassWhereSequencesArePossible) {
  EXPECT_TRUE(check_write_ahead_files(directory_.path() / "nowhere"));
  EXPECT_TRUE(pass(""));
  EXPECT_TRUE(pass(std::string(100'000, '\0'))) << "as a file that is allocated ahead";
  EXPECT_TRUE(pass_sealed(fragment(kWholeFragment, record_of(1)) +
                          fragment(kWholeFragment, record_of(kImpossible - (1LL << 32)))));
  EXPECT_TRUE(pass_sealed(fragment(kWholeFragment, "short") + fragment(kWholeFragment, "")));
}

TEST_F(WriteAheadFiles, WithAnImpossibleSequenceAreNamed) {
  for (const std::uint64_t sequence : {kImpossible, kImpossible - 1, std::uint64_t{0} - 1}) {
    EXPECT_FALSE(
        pass_sealed(fragment(kWholeFragment, record_of(1)) + fragment(kWholeFragment, record_of(sequence))));
    EXPECT_FALSE(
        pass_sealed(fragment(kFirstFragment, record_of(sequence)) + fragment(kLastFragment, "more")));
  }
}

TEST_F(WriteAheadFiles, AreLeftToRocksDbWhereTheChecksumIsWrong) {
  EXPECT_TRUE(pass(fragment(kWholeFragment, record_of(kImpossible))));
  std::string file = fragment(kFirstFragment, record_of(kImpossible).substr(0, 3));
  seal_fragments(file);
  EXPECT_TRUE(pass(file + fragment(kLastFragment, record_of(kImpossible).substr(3))));
}

TEST_F(WriteAheadFiles, HaveRecordsThatBeginAtTheVeryEndOfABlock) {
  for (std::size_t before = 0; before < 8; ++before) {
    const std::string record = record_of(kImpossible);
    const std::size_t space = kBlockSize - 2 * kFragmentHeaderSize - before;
    std::string file = fragment(kWholeFragment, record_of(1) + std::string(space - record_of(1).size(), '.'));
    file += fragment(kFirstFragment, record.substr(0, before));
    ASSERT_EQ(file.size(), kBlockSize);
    EXPECT_FALSE(pass_sealed(file + fragment(kLastFragment, record.substr(before)))) << before;
  }
}

TEST_F(WriteAheadFiles, OfOtherFormsHideNothing) {
  EXPECT_FALSE(pass_sealed(fragment(kCompressionFragment, std::string("\7\0\0\0", 4))));
  // The number of the file counts to the header, and not to the size.
  std::string recycled =
      fragment(kRecycledFragment, record_of(kImpossible)).insert(kFragmentHeaderSize, "\7\0\0\0", 4);
  const std::uint32_t crc = masked_crc32c(std::string_view(recycled).substr(6));
  for (std::size_t i = 0; i < 4; ++i) recycled[i] = static_cast<char>(crc >> (8 * i));
  EXPECT_FALSE(pass(recycled));
}

}  // namespace
}  // namespace stockfold
