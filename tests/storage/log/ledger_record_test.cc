#include "storage/log/ledger_record.h"

#include <gtest/gtest.h>

#include <string>

#include "storage/golden.h"
#include "storage/samples.h"

namespace stockfold {
namespace {

LedgerRecord sample() {
  LedgerRecord record{.ledger = {}, .epoch = Epoch(3), .created = UnixMillis(1'767'323'045'678)};
  record.ledger.bytes.fill(0x5A);
  return record;
}

TEST(LedgerRecord, MatchesGoldenFile) {
  expect_golden("events/ledger-1.hex", encode(sample()));
  const auto again = decode_ledger_record(encode(sample()));
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(again->ledger, sample().ledger);
  EXPECT_EQ(again->epoch, sample().epoch);
  EXPECT_EQ(again->created, sample().created);
}

TEST(LedgerRecord, RejectsFlippedBitsAndCuts) {
  const std::string good = encode(sample());
  for (std::size_t at = 0; at < good.size(); ++at) {
    EXPECT_FALSE(decode_ledger_record(good.substr(0, at)));
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
      const auto record = decode_ledger_record(bad);
      ASSERT_FALSE(record);
      EXPECT_EQ(record.error().kind, FaultKind::corruption);
    }
  }
}

TEST(LedgerRecord, ReportsNewerFormat) {
  const auto record = decode_ledger_record(ledger_record_of_version(2));
  ASSERT_FALSE(record);
  EXPECT_EQ(record.error().kind, FaultKind::newer_format);
  EXPECT_NE(record.error().what.find("version 2"), std::string::npos);
}

TEST(LedgerRecord, RejectsInvalidFormatVersions) {
  EXPECT_EQ(decode_ledger_record(ledger_record_of_version(0)).error().kind, FaultKind::corruption);
  EXPECT_EQ(decode_ledger_record(ledger_record_of_version(1)).error().kind, FaultKind::corruption);
}

}  // namespace
}  // namespace stockfold
