#include "storage/engine/backup_record.h"

#include <cstdint>

#include "storage/codec/big_endian.h"
#include "storage/codec/checksum.h"

namespace stockfold {
namespace {

constexpr std::uint32_t kBackupFormatVersion = 1;
constexpr std::size_t kBackupRecordBytes = 80;  // without the checksum

}  // namespace

std::string encode(const BackupRecord& record) {
  std::string bytes;
  append_big_endian(bytes, kBackupFormatVersion);
  append_raw(bytes, record.head.ledger);
  append_big_endian(bytes, record.head.epoch.value());
  append_big_endian(bytes, record.head.position.value());
  append_raw(bytes, record.head.hash);
  append_big_endian(bytes, static_cast<std::uint64_t>(record.head.time.value()));
  append_big_endian(bytes, static_cast<std::uint64_t>(record.made.value()));
  append_checksum(bytes);
  return bytes;
}

Result<BackupRecord> decode_backup_record(std::string_view bytes) {
  const auto checked = without_checksum(bytes);
  if (!checked || checked->size() < sizeof kBackupFormatVersion)
    return std::unexpected(corruption({}, "its record is damaged"));
  FixedFields fields(*checked);
  const auto version = fields.number<std::uint32_t>();
  if (version > kBackupFormatVersion) {
    return std::unexpected(Fault{FaultKind::newer_format,
                                 "it has format version " + std::to_string(version) +
                                     ", this program knows version " + std::to_string(kBackupFormatVersion),
                                 {}});
  }
  if (version != kBackupFormatVersion || checked->size() != kBackupRecordBytes)
    return std::unexpected(corruption({}, "its record is damaged"));

  BackupRecord record;
  record.head.ledger = fields.raw<LedgerId>();
  record.head.epoch = Epoch(fields.number<std::uint32_t>());
  record.head.position = GlobalPosition(fields.number<std::uint64_t>());
  record.head.hash = fields.raw<CommitHash>();
  record.head.time = UnixMillis(static_cast<std::int64_t>(fields.number<std::uint64_t>()));
  record.made = UnixMillis(static_cast<std::int64_t>(fields.number<std::uint64_t>()));
  return record;
}

}  // namespace stockfold
