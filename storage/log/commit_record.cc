#include "storage/log/commit_record.h"

#include <algorithm>
#include <cassert>
#include <concepts>
#include <limits>
#include <utility>

#include "storage/codec/checksum.h"
#include "storage/codec/event_codec.h"
#include "storage/codec/little_endian.h"
#include "storage/codec/sha256.h"

namespace stockfold {
namespace {

// Offsets of the header's fields. Numbers are little-endian.
constexpr std::size_t kEpochAt = 4;
constexpr std::size_t kFirstAt = 8;
constexpr std::size_t kCountAt = 16;
constexpr std::size_t kTimeAt = 20;
constexpr std::size_t kBodySizeAt = 28;
constexpr std::size_t kPreviousAt = 32;
constexpr std::size_t kChecksumAt = 64;
constexpr std::size_t kHeaderSize = 72;

// An event takes at least one byte each for size, type, version, flags and stream version.
constexpr std::size_t kMinEventSize = 5;

template <std::unsigned_integral Number>
void store(std::string& record, std::size_t at, Number number) {
  put_little_endian(number, &record[at]);
}

template <std::unsigned_integral Number>
Number load(std::string_view record, std::size_t at) {
  return get_little_endian<Number>(record.substr(at));
}

bool has_whole_header(std::string_view record) {
  return record.size() >= kHeaderSize && record.starts_with(kCommitMagic) &&
         load<std::uint64_t>(record, kChecksumAt) == checksum_of(record.substr(0, kChecksumAt));
}

std::size_t record_size_of(std::string_view header) {
  return kHeaderSize + load<std::uint32_t>(header, kBodySizeAt) + kChecksumSize;
}

/// Checks a record without its events. Returns what is wrong with it; empty if nothing is.
std::string damage_of(std::string_view record, GlobalPosition expected_first) {
  if (!has_whole_header(record)) return "its header is damaged";
  if (record.size() != record_size_of(record)) {
    return "it has " + std::to_string(record.size()) + " bytes where its header says " +
           std::to_string(record_size_of(record));
  }
  const std::size_t body_end = record.size() - kChecksumSize;
  if (load<std::uint64_t>(record, body_end) != checksum_of(record.substr(0, body_end)))
    return "its checksum is wrong";

  const auto first = load<std::uint64_t>(record, kFirstAt);
  const auto count = load<std::uint32_t>(record, kCountAt);
  if (first != expected_first.value()) return "its first event has position " + std::to_string(first);
  if (first == 0 || count > std::numeric_limits<std::uint64_t>::max() - first)
    return "its positions are out of range";
  if (count == 0 || count > (body_end - kHeaderSize) / kMinEventSize) {
    return "it announces " + std::to_string(count) + " events";
  }
  if (load<std::uint64_t>(record, kTimeAt) > std::numeric_limits<std::int64_t>::max())
    return "its time is before 1970";
  return {};
}

Fault damaged(GlobalPosition first, const std::string& what) {
  return corruption(first, "the commit at " + std::to_string(first.value()) + " cannot be read: " + what);
}

Result<std::vector<RecordedEvent>> decode_events(std::string_view body, std::uint32_t count,
                                                 GlobalPosition first, UnixMillis time) {
  std::vector<RecordedEvent> events;
  events.reserve(count);  // the size of the body bounds it
  for (std::uint32_t i = 0; i < count; ++i) {
    auto event = decode_event(body, first.plus(i), time);
    if (!event) return std::unexpected(std::move(event.error()));
    events.push_back(std::move(*event));
  }
  if (!body.empty()) return std::unexpected(damaged(first, "bytes are left over after its events"));
  return events;
}

}  // namespace

CommitHash genesis_hash(const LedgerId& ledger) {
  std::string bytes("stockfold ledger 1\0", 19);
  bytes.append(reinterpret_cast<const char*>(ledger.bytes.data()), LedgerId::kSize);
  return {sha256(bytes)};
}

std::string encode_commit(Commit& commit) {
  assert(!commit.events.empty() && commit.time.value() >= 0);
  std::string record(kHeaderSize, '\0');
  record.reserve(kHeaderSize + commit.events.size() * 128 + kChecksumSize);
  for (const RecordedEvent& event : commit.events) encode_event(event, record);
  const std::size_t body_size = record.size() - kHeaderSize;
  assert(body_size <= std::numeric_limits<std::uint32_t>::max());

  record.replace(0, kCommitMagic.size(), kCommitMagic);
  store(record, kEpochAt, commit.epoch.value());
  store(record, kFirstAt, commit.first().value());
  store(record, kCountAt, static_cast<std::uint32_t>(commit.events.size()));
  store(record, kTimeAt, static_cast<std::uint64_t>(commit.time.value()));
  store(record, kBodySizeAt, static_cast<std::uint32_t>(body_size));
  std::ranges::copy(commit.previous.bytes, reinterpret_cast<std::uint8_t*>(record.data()) + kPreviousAt);
  store(record, kChecksumAt, checksum_of(std::string_view(record).substr(0, kChecksumAt)));

  commit.hash = {sha256(record)};
  const std::uint64_t checksum = checksum_of(record);
  record.append(kChecksumSize, '\0');
  store(record, record.size() - kChecksumSize, checksum);
  return record;
}

Result<Commit> decode_commit(std::string_view record, GlobalPosition expected_first) {
  if (const std::string damage = damage_of(record, expected_first); !damage.empty()) {
    return std::unexpected(damaged(expected_first, damage));
  }
  Commit commit;
  commit.epoch = Epoch(load<std::uint32_t>(record, kEpochAt));
  commit.time = UnixMillis(static_cast<std::int64_t>(load<std::uint64_t>(record, kTimeAt)));
  const std::string_view previous = record.substr(kPreviousAt, CommitHash::kSize);
  std::ranges::copy(previous, reinterpret_cast<char*>(commit.previous.bytes.data()));
  const std::string_view hashed = record.substr(0, record.size() - kChecksumSize);
  commit.hash = {sha256(hashed)};

  auto events = decode_events(hashed.substr(kHeaderSize), load<std::uint32_t>(record, kCountAt),
                              expected_first, commit.time);
  if (!events) return std::unexpected(std::move(events.error()));
  commit.events = std::move(*events);
  return commit;
}

std::optional<CommitSighting> sight_commit(std::string_view bytes) {
  if (!has_whole_header(bytes)) return std::nullopt;
  return CommitSighting{.epoch = Epoch(load<std::uint32_t>(bytes, kEpochAt)),
                        .first = GlobalPosition(load<std::uint64_t>(bytes, kFirstAt)),
                        .record_size = record_size_of(bytes)};
}

}  // namespace stockfold
