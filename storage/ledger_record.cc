#include "storage/ledger_record.h"

#include <xxhash.h>

#include <algorithm>
#include <cstdint>
#include <limits>

#include "storage/big_endian.h"

namespace stockfold {
namespace {

constexpr std::uint32_t kFormatVersion = 1;

constexpr std::size_t kLedgerAt = 4;
constexpr std::size_t kEpochAt = 20;
constexpr std::size_t kCreatedAt = 24;
constexpr std::size_t kFieldsEnd = 32;
constexpr std::size_t kChecksumSize = 8;

std::uint64_t checksum_of(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

std::unexpected<Fault> damaged() { return std::unexpected(corruption({}, "the ledger record is damaged")); }

}  // namespace

std::string encode(const LedgerRecord& record) {
  std::string bytes;
  append_big_endian(bytes, kFormatVersion);
  bytes.append(reinterpret_cast<const char*>(record.ledger.bytes.data()), LedgerId::kSize);
  append_big_endian(bytes, record.epoch.value());
  append_big_endian(bytes, static_cast<std::uint64_t>(record.created.value()));
  append_big_endian(bytes, checksum_of(bytes));
  return bytes;
}

std::expected<LedgerRecord, Fault> decode_ledger_record(std::string_view bytes) {
  if (bytes.size() < kLedgerAt + kChecksumSize) return damaged();
  const std::string_view fields = bytes.substr(0, bytes.size() - kChecksumSize);
  if (parse_big_endian<std::uint64_t>(bytes.substr(fields.size())) != checksum_of(fields)) return damaged();

  // Every version starts with its number and ends with the checksum, so that an older program can say this
  // much.
  const auto version = *parse_big_endian<std::uint32_t>(fields.substr(0, kLedgerAt));
  if (version > kFormatVersion) {
    return std::unexpected(Fault{FaultKind::newer_format,
                                 "the store has format version " + std::to_string(version) +
                                     ", this program knows version " + std::to_string(kFormatVersion),
                                 {}});
  }
  if (version != kFormatVersion || fields.size() != kFieldsEnd) return damaged();

  LedgerRecord record;
  std::ranges::copy(fields.substr(kLedgerAt, LedgerId::kSize),
                    reinterpret_cast<char*>(record.ledger.bytes.data()));
  record.epoch = Epoch(*parse_big_endian<std::uint32_t>(fields.substr(kEpochAt, 4)));
  const auto created = *parse_big_endian<std::uint64_t>(fields.substr(kCreatedAt, 8));
  if (created > std::numeric_limits<std::int64_t>::max()) return damaged();
  record.created = UnixMillis(static_cast<std::int64_t>(created));
  return record;
}

}  // namespace stockfold
