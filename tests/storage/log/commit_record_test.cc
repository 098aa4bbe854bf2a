#include "storage/log/commit_record.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "storage/generators.h"
#include "storage/golden.h"
#include "storage/samples.h"

namespace stockfold {
namespace {

constexpr GlobalPosition kFirst(8);
constexpr std::size_t kHeaderSize = 72;

LedgerId sample_ledger() {
  LedgerId ledger;
  ledger.bytes.fill(0x5A);
  return ledger;
}

Commit sample_commit() {
  Commit commit = commit_after(GlobalPosition(7), 3);
  commit.epoch = Epoch(2);
  commit.previous = genesis_hash(sample_ledger());
  return commit;
}

Commit any_commit() {
  Commit commit;
  commit.epoch = Epoch(*rc::gen::arbitrary<std::uint32_t>());
  commit.time = UnixMillis(any::number<std::int64_t>(0, std::numeric_limits<std::int64_t>::max()));
  commit.previous = any::bytes<CommitHash>();
  const auto count = *rc::gen::inRange<std::uint64_t>(1, 5);
  for (std::uint64_t i = 0; i < count; ++i)
    commit.events.push_back(any::recorded(kFirst.plus(i), commit.time));
  return commit;
}

RC_GTEST_PROP(CommitRecord, RoundTripsEveryCommit, ()) {
  Commit commit = any_commit();
  const std::string record = encode_commit(commit);
  const auto again = decode_commit(record, kFirst);
  RC_ASSERT(again.has_value());
  RC_ASSERT(again->epoch == commit.epoch);
  RC_ASSERT(again->time == commit.time);
  RC_ASSERT(again->previous == commit.previous);
  RC_ASSERT(again->hash == commit.hash);
  RC_ASSERT(again->events == commit.events);
}

TEST(CommitRecord, RejectsRecordCutAtAnyByte) {
  Commit commit = sample_commit();
  const std::string record = encode_commit(commit);
  for (std::size_t size = 0; size < record.size(); ++size) {
    const auto cut = decode_commit(std::string_view(record).substr(0, size), kFirst);
    ASSERT_FALSE(cut) << size;
    EXPECT_EQ(cut.error().kind, FaultKind::corruption);
    EXPECT_EQ(cut.error().position, kFirst);
  }
}

TEST(CommitRecord, RejectsEveryFlippedBit) {
  Commit commit = sample_commit();
  std::string record = encode_commit(commit);
  for (std::size_t bit = 0; bit < record.size() * 8; ++bit) {
    const char mask = static_cast<char>(1U << bit % 8);
    record[bit / 8] = static_cast<char>(record[bit / 8] ^ mask);
    const auto flipped = decode_commit(record, kFirst);
    ASSERT_FALSE(flipped) << bit;
    EXPECT_EQ(flipped.error().kind, FaultKind::corruption);
    record[bit / 8] = static_cast<char>(record[bit / 8] ^ mask);
  }
  EXPECT_TRUE(decode_commit(record, kFirst));
}

TEST(CommitRecord, RejectsTrailingByte) {
  Commit commit = sample_commit();
  EXPECT_FALSE(decode_commit(encode_commit(commit) + '\0', kFirst));
}

TEST(CommitRecord, RejectsAnotherPosition) {
  Commit commit = sample_commit();
  const auto moved = decode_commit(encode_commit(commit), kFirst.next());
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().position, kFirst.next());
}

RC_GTEST_PROP(CommitRecord, RejectsArbitraryBytes, (const std::string& bytes)) {
  RC_ASSERT(!decode_commit(bytes, kFirst).has_value());
  RC_ASSERT(!decode_commit(std::string(kCommitMagic) + bytes, kFirst).has_value());
}

TEST(CommitHash, DependsOnTimeAndPreviousHash) {
  Commit commit = sample_commit();
  encode_commit(commit);
  Commit later = sample_commit();
  later.time = UnixMillis(later.time.value() + 1);
  encode_commit(later);
  Commit elsewhere = sample_commit();
  elsewhere.previous = genesis_hash(LedgerId{});
  encode_commit(elsewhere);
  EXPECT_NE(commit.hash, later.hash);
  EXPECT_NE(commit.hash, elsewhere.hash);
}

// Computed with another program: (printf 'stockfold ledger 1\0'; printf 'Z%.0s' {1..16}) | sha256sum
TEST(GenesisHash, IsSha256OfLedgerId) {
  EXPECT_EQ(to_hex(genesis_hash(sample_ledger())),
            "ef0ded17aa0f787bff3dd933533a01a352d0e92949a11bd6d65b33e2474346ec");
}

TEST(CommitSighting, ReportsHeaderFields) {
  Commit commit = sample_commit();
  const std::string record = encode_commit(commit);
  const auto sighted = sight_commit(record + "what follows");
  ASSERT_TRUE(sighted);
  EXPECT_EQ(sighted->epoch, Epoch(2));
  EXPECT_EQ(sighted->first, kFirst);
  EXPECT_EQ(sighted->record_size, record.size());
}

TEST(CommitSighting, NeedsExactlyTheWholeHeader) {
  Commit commit = sample_commit();
  std::string record = encode_commit(commit);
  EXPECT_TRUE(sight_commit(std::string_view(record).substr(0, kHeaderSize)));
  EXPECT_FALSE(sight_commit(std::string_view(record).substr(0, kHeaderSize - 1)));
  for (std::size_t at = 0; at < kHeaderSize; ++at) {
    record[at] = static_cast<char>(record[at] ^ 1);
    EXPECT_FALSE(sight_commit(record)) << at;
    record[at] = static_cast<char>(record[at] ^ 1);
  }
}

TEST(CommitRecord, MatchesGoldenFile) {
  Commit commit;
  commit.epoch = Epoch(1);
  commit.previous = genesis_hash(sample_ledger());
  for (const Sample& sample : samples()) commit.events.push_back(sample.recorded);
  commit.time = commit.events.front().time;
  expect_golden("events/commit-1.hex", encode_commit(commit));

  const auto again =
      decode_commit(from_hex(read_bytes(golden_path("events/commit-1.hex"))), GlobalPosition(1));
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(again->events, commit.events);
  EXPECT_EQ(again->hash, commit.hash);
}

}  // namespace
}  // namespace stockfold
