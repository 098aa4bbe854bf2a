#include "storage/log/ledger_record.h"

#include <cstdint>
#include <limits>

#include "storage/codec/big_endian.h"
#include "storage/codec/checksum.h"

namespace stockfold {
namespace {

constexpr std::uint32_t kFormatVersion = 1;

constexpr std::size_t kRecordBytes = 32;  // without the checksum

std::unexpected<Fault> damaged() { return std::unexpected(corruption({}, "the ledger record is damaged")); }

}  // namespace

std::string encode(const LedgerRecord& record) {
  std::string bytes;
  append_big_endian(bytes, kFormatVersion);
  append_raw(bytes, record.ledger);
  append_big_endian(bytes, record.epoch.value());
  append_big_endian(bytes, static_cast<std::uint64_t>(record.created.value()));
  append_checksum(bytes);
  return bytes;
}

Result<LedgerRecord> decode_ledger_record(std::string_view bytes) {
  // Every version starts with its number and ends with the checksum, so that an older program can tell that
  // it is newer.
  const auto checked = without_checksum(bytes);
  if (!checked || checked->size() < sizeof kFormatVersion) return damaged();
  FixedFields fields(*checked);
  const auto version = fields.number<std::uint32_t>();
  if (version > kFormatVersion) {
    return std::unexpected(Fault{FaultKind::newer_format,
                                 "the store has format version " + std::to_string(version) +
                                     ", this program knows version " + std::to_string(kFormatVersion),
                                 {}});
  }
  if (version != kFormatVersion || checked->size() != kRecordBytes) return damaged();

  LedgerRecord record;
  record.ledger = fields.raw<LedgerId>();
  record.epoch = Epoch(fields.number<std::uint32_t>());
  const auto created = fields.number<std::uint64_t>();
  if (created > std::numeric_limits<std::int64_t>::max()) return damaged();
  record.created = UnixMillis(static_cast<std::int64_t>(created));
  return record;
}

}  // namespace stockfold
