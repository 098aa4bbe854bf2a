#include "storage/rocksdb/wal_records.h"

#include <rocksdb/file_checksum.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "storage/codec/big_endian.h"
#include "storage/codec/little_endian.h"
#include "storage/files/durable_directory.h"
#include "storage/rocksdb/wal.h"

namespace stockfold {
namespace {

// Numbers are little-endian. The format is RocksDB's: db/log_format.h, db/write_batch.cc.
//
// A fragment starts with its checksum (4 bytes), the size of what follows (2), and its type (1).
constexpr std::size_t kSizeAt = 4;
constexpr std::size_t kTypeAt = 6;
constexpr std::size_t kFileNumberSize = 4;  // of the fragments that a recycled file has, behind the header
constexpr std::uint8_t kFirstRecyclableType = 5;
constexpr std::uint8_t kLastRecyclableType = 8;
enum FragmentType : std::uint8_t { kNothing, kWholeRecord, kFirst, kMiddle, kLast };

// A record is the sequence number of its first row (8 bytes), counted over all rows ever written to the
// database, the count of its rows (4), and the rows. RocksDB keeps 56 bits of a number; no row has zero.
constexpr std::size_t kCountAt = 8;
constexpr std::size_t kRowsAt = 12;
constexpr std::uint64_t kFirstSequence = 1;
constexpr std::uint64_t kLastSequence = (std::uint64_t{1} << 56U) - (std::uint64_t{1} << 32U);

/// A row is its type, the number of its column family if it has one, and texts, each preceded by its size.
struct RowForm {
  std::uint8_t type;
  bool has_family;
  int texts;
};
constexpr std::array kRowForms = {
    RowForm{0x00, false, 1},  // deletes a key
    RowForm{0x04, true, 1},   //
    RowForm{0x01, false, 2},  // puts a value at a key
    RowForm{0x05, true, 2},   //
    RowForm{0x0F, false, 2},  // deletes from a key to another
    RowForm{0x0E, true, 2},
};

/// Whether the checksum of a fragment is right.
bool is_whole(std::string_view fragment) {
  const std::unique_ptr<rocksdb::FileChecksumGenerator> crc32c(
      rocksdb::GetFileChecksumGenCrc32cFactory()->CreateFileChecksumGenerator({}));
  crc32c->Update(fragment.data() + kTypeAt, fragment.size() - kTypeAt);
  crc32c->Finalize();
  const std::uint32_t crc = parse_big_endian<std::uint32_t>(crc32c->GetChecksum()).value_or(0);
  // RocksDB masks the checksum by a rotation and a constant.
  return get_little_endian<std::uint32_t>(fragment) == (crc >> 15U | crc << 17U) + 0xA282EAD8U;
}

/// Seven bits a byte, the lowest first; all bytes but the last have the highest bit set.
std::optional<std::uint32_t> take_varint32(std::string_view& bytes) {
  std::uint32_t number = 0;
  for (std::uint32_t shift = 0; shift <= 28 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    number |= (byte & 0x7FU) << shift;
    if ((byte & 0x80U) == 0) return number;
  }
  return std::nullopt;
}

/// Removes the row at the front. False if the ledger never writes such a row.
bool take_row(std::string_view& rows) {
  const auto type = static_cast<std::uint8_t>(rows.front());
  rows.remove_prefix(1);
  const auto* form = std::ranges::find(kRowForms, type, &RowForm::type);
  if (form == kRowForms.end() || (form->has_family && !take_varint32(rows))) return false;
  for (int text = 0; text < form->texts; ++text) {
    const auto size = take_varint32(rows);
    if (!size || *size > rows.size()) return false;
    rows.remove_prefix(*size);
  }
  return true;
}

/// Checks the records of the files one after the other.
class RecordCheck {
 public:
  void begin_file() {
    is_damaged_ = false;
    is_in_record_ = false;
  }
  /// Checks the next block of the current file. Returns what is wrong; empty if nothing is.
  [[nodiscard]] std::string_view look_at_block(std::string_view block) {
    while (block.size() >= kFragmentHeaderSize) {
      const auto type = static_cast<std::uint8_t>(block[kTypeAt]);
      const std::size_t content = get_little_endian<std::uint16_t>(block.substr(kSizeAt, 2));
      if (type == kNothing && content == 0) {  // as in a file that is allocated ahead: skip to the next block
        is_damaged_ = is_in_record_;
        return {};
      }
      const bool is_recyclable = type >= kFirstRecyclableType && type <= kLastRecyclableType;
      const std::size_t header = kFragmentHeaderSize + (is_recyclable ? kFileNumberSize : 0);
      is_damaged_ = header + content > block.size() || !is_whole(block.substr(0, header + content));
      if (is_damaged_) return {};
      const std::string_view wrong = look_at_fragment(type, block.substr(header, content));
      if (is_damaged_ || !wrong.empty()) return wrong;
      block.remove_prefix(header + content);
    }
    return {};
  }
  /// So is the rest of the file; it is RocksDB's to tell.
  [[nodiscard]] bool is_damaged() const { return is_damaged_; }

 private:
  std::string_view look_at_fragment(std::uint8_t type, std::string_view content) {
    switch (type) {
      case kWholeRecord:
      case kFirst:
        // RocksDB accepts a record of which there is only an empty beginning.
        is_damaged_ = is_in_record_ && !record_.empty();
        record_ = content;
        break;
      case kMiddle:
      case kLast:
        is_damaged_ = !is_in_record_;
        record_ += content;
        break;
      default:
        return "is written in a way that the ledger never chose";
    }
    is_in_record_ = type == kFirst || type == kMiddle;
    return is_in_record_ || is_damaged_ ? std::string_view{} : look_at_record(record_);
  }

  std::string_view look_at_record(std::string_view record) {
    if (record.size() < kRowsAt) return "has a record that is too short";
    const auto sequence = get_little_endian<std::uint64_t>(record);
    const auto count = get_little_endian<std::uint32_t>(record.substr(kCountAt));
    if (sequence > kLastSequence) return "has a record with an impossible sequence number";
    if (sequence < next_sequence_) return "has a record with a sequence number that was used before";
    record.remove_prefix(kRowsAt);
    std::uint32_t rows = 0;
    for (; !record.empty(); ++rows) {
      if (!take_row(record)) return "has a record with a row that the ledger never writes";
    }
    if (rows != count) return "has a record with another number of rows than it says";
    next_sequence_ = sequence + count;
    return {};
  }

  std::uint64_t next_sequence_ = kFirstSequence;  ///< The lowest that the next record may have.
  std::string record_;                            ///< The current record, as far as it was read.
  bool is_in_record_ = false;
  bool is_damaged_ = false;
};

Result<void> check_file(RecordCheck& records, const std::filesystem::path& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected(io_fault("opening", path));
  std::string block(kWriteAheadBlockSize, '\0');
  records.begin_file();
  do {
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    const auto read = static_cast<std::size_t>(file.gcount());
    const std::string_view wrong = records.look_at_block(std::string_view(block).substr(0, read));
    if (!wrong.empty()) return std::unexpected(corruption({}, path.string() + " " + std::string(wrong)));
  } while (file && !records.is_damaged());
  if (file.bad()) {
    if (errno == 0) errno = EIO;  // the stream gives no other reason
    return std::unexpected(io_fault("reading", path));
  }
  return {};
}

}  // namespace

Result<void> check_write_ahead_files(const std::filesystem::path& dir) {
  std::error_code error;
  if (!std::filesystem::exists(dir, error) && !error) return {};
  auto files = write_ahead_files(dir);
  if (!files) return std::unexpected(std::move(files.error()));
  RecordCheck records;
  for (const std::filesystem::path& path : *files) {
    if (auto checked = check_file(records, path); !checked) return checked;
  }
  return {};
}

}  // namespace stockfold
