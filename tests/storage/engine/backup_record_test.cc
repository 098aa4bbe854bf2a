#include "storage/engine/backup_record.h"

#include <gtest/gtest.h>

#include <string>

#include "storage/codec/big_endian.h"
#include "storage/codec/checksum.h"
#include "storage/golden.h"

namespace stockfold {
namespace {

BackupRecord sample_backup_record() {
  BackupRecord record;
  record.head.ledger.bytes.fill(1);
  record.head.epoch = Epoch(2);
  record.head.position = GlobalPosition(42);
  record.head.hash.bytes.fill(3);
  record.head.time = UnixMillis(1'767'225'600'000);
  record.made = UnixMillis(1'767'225'601'234);
  return record;
}

TEST(BackupRecord, MatchesGoldenFile) {
  const BackupRecord record = sample_backup_record();
  EXPECT_EQ(decode_backup_record(encode(record)).value(), record);
  expect_golden("backups/record-1.hex", encode(record));
}

TEST(BackupRecord, RejectsChangedOrMissingBytes) {
  const std::string whole = encode(sample_backup_record());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    const auto decoded = decode_backup_record(damaged);
    ASSERT_FALSE(decoded) << at;
    EXPECT_EQ(decoded.error().kind, FaultKind::corruption) << at;
    EXPECT_FALSE(decode_backup_record(std::string_view(whole).substr(0, at))) << at;
  }
}

TEST(BackupRecord, ReportsNewerFormat) {
  std::string later;
  append_big_endian(later, std::uint32_t{2});
  later += "whatever it has";
  append_checksum(later);
  EXPECT_EQ(decode_backup_record(later).error().kind, FaultKind::newer_format);
}

}  // namespace
}  // namespace stockfold
