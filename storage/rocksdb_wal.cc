#include "storage/rocksdb_wal.h"

#include <rocksdb/file_checksum.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include "storage/big_endian.h"
#include "storage/durable_directory.h"

namespace stockfold {
namespace {

// A file is a row of blocks. Every block starts with the header of a fragment, so that a record that runs on
// into the next block is interrupted by one: checksum (4 bytes), size of what follows (2), type (1). Numbers
// are little-endian. The format is RocksDB's: db/log_format.h.
constexpr std::size_t kBlockSize = 32'768;
constexpr std::size_t kFragmentHeaderSize = 7;
constexpr std::size_t kTypeAt = 6;
constexpr std::size_t kFileNumberSize = 4;  // of the fragments that a recycled file has, behind the header
constexpr std::uint8_t kRecyclable = 4;     // is added to the types of those
constexpr std::uint8_t kWholeRecord = 1;
constexpr std::uint8_t kFirstOfRecord = 2;
constexpr std::uint8_t kLastRecyclableType = 8;
constexpr std::uint8_t kCompressionType = 9;  // says how all records behind it are compressed

// A record starts with the number of its first row, counted through all rows that the database was ever
// given. RocksDB keeps 56 bits of it, and ends the process where it finds more. Records have at most 2^32
// rows.
constexpr std::size_t kSequenceSize = 8;
constexpr std::uint64_t kLastSequence = (std::uint64_t{1} << 56U) - (std::uint64_t{1} << 32U);

template <class Number>
Number little_endian(std::string_view bytes) {
  Number number = 0;
  for (std::size_t i = sizeof(Number); i > 0; --i) {
    number = static_cast<Number>(number << 8U | static_cast<std::uint8_t>(bytes[i - 1]));
  }
  return number;
}

class Fragment {
 public:
  /// The one at the front of what is left of a block; empty where there is none.
  static std::optional<Fragment> take(std::string_view& block) {
    if (block.size() < kFragmentHeaderSize) return std::nullopt;
    Fragment fragment;
    fragment.type_ = static_cast<std::uint8_t>(block[kTypeAt]);
    fragment.header_size_ = kFragmentHeaderSize + (fragment.is_recyclable() ? kFileNumberSize : 0);
    const std::size_t size = fragment.header_size_ + little_endian<std::uint16_t>(block.substr(4, 2));
    if (fragment.type_ == 0 || size > block.size()) return std::nullopt;
    fragment.bytes_ = block.substr(0, size);
    block.remove_prefix(size);
    return fragment;
  }

  [[nodiscard]] bool begins_record() const {
    const int type = type_ - (is_recyclable() ? kRecyclable : 0);
    return type == kWholeRecord || type == kFirstOfRecord;
  }
  [[nodiscard]] bool says_compression() const { return type_ == kCompressionType; }
  [[nodiscard]] std::string_view content() const { return bytes_.substr(header_size_); }

  [[nodiscard]] bool is_whole() const {
    const std::unique_ptr<rocksdb::FileChecksumGenerator> crc32c(
        rocksdb::GetFileChecksumGenCrc32cFactory()->CreateFileChecksumGenerator({}));
    crc32c->Update(bytes_.data() + kTypeAt, bytes_.size() - kTypeAt);
    crc32c->Finalize();
    const std::uint32_t crc = parse_big_endian<std::uint32_t>(crc32c->GetChecksum()).value_or(0);
    // Turned and raised, lest it be taken of a checksum.
    return little_endian<std::uint32_t>(bytes_) == (crc >> 15U | crc << 17U) + 0xA282EAD8U;
  }

 private:
  [[nodiscard]] bool is_recyclable() const { return type_ > kRecyclable && type_ <= kLastRecyclableType; }

  std::string_view bytes_;
  std::size_t header_size_ = 0;
  std::uint8_t type_ = 0;
};

/// Looks at the beginning of every record of a file, fragment by fragment. Checksums are taken only of
/// fragments that tell of something wrong: all others are RocksDB's to check.
class RecordFronts {
 public:
  /// What is wrong; empty where nothing is.
  std::string_view wrong_with(const Fragment& fragment) {
    if (fragment.says_compression()) return fragment.is_whole() ? "says that it is compressed" : "";
    if (fragment.begins_record()) {
      sequence_.clear();
      is_whole_ = true;
    }
    if (sequence_.size() == kSequenceSize) return {};
    sequence_.append(fragment.content().substr(0, kSequenceSize - sequence_.size()));
    const bool is_cut = sequence_.size() < kSequenceSize;
    const bool is_impossible = !is_cut && little_endian<std::uint64_t>(sequence_) > kLastSequence;
    if (is_cut || is_impossible) is_whole_ = is_whole_ && fragment.is_whole();
    return is_impossible && is_whole_ ? "has a record with an impossible sequence number" : "";
  }

 private:
  std::string sequence_;  ///< Of the present record, as far as it was seen.
  bool is_whole_ = true;  ///< Every fragment that it was cut into.
};

void strip_block_headers(std::string& file) {
  std::size_t kept = 0;
  for (std::size_t block = 0; block < file.size(); block += kBlockSize) {
    const std::size_t end = std::min(block + kBlockSize, file.size());
    const std::size_t start = std::min(block + kFragmentHeaderSize, end);
    std::copy(file.begin() + static_cast<std::ptrdiff_t>(start),
              file.begin() + static_cast<std::ptrdiff_t>(end),
              file.begin() + static_cast<std::ptrdiff_t>(kept));
    kept += end - start;
  }
  file.resize(kept);
}

std::optional<CommitSighting> later(const std::optional<CommitSighting>& a,
                                    const std::optional<CommitSighting>& b) {
  if (!a || !b) return a ? a : b;
  return a->first < b->first ? b : a;
}

std::expected<std::string, Fault> read_file(const std::filesystem::path& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return std::unexpected(io_fault("reading", path, error));
  std::string bytes(size, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), static_cast<std::streamsize>(size));
  if (file.gcount() != static_cast<std::streamsize>(size)) {
    return std::unexpected(io_fault("reading", path, std::make_error_code(std::errc::io_error)));
  }
  return bytes;
}

std::expected<void, Fault> check_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected(io_fault("opening", path, std::make_error_code(std::errc::io_error)));
  RecordFronts records;
  std::string bytes(kBlockSize, '\0');
  do {
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    std::string_view block(bytes.data(), static_cast<std::size_t>(file.gcount()));
    while (const auto fragment = Fragment::take(block)) {
      const std::string_view wrong = records.wrong_with(*fragment);
      if (!wrong.empty()) return std::unexpected(corruption({}, path.string() + " " + std::string(wrong)));
    }
  } while (file);
  if (file.bad())
    return std::unexpected(io_fault("reading", path, std::make_error_code(std::errc::io_error)));
  return {};
}

/// Calls `look` for every write-ahead file in `dir`, up to the first that is at fault.
template <class Look>
std::expected<void, Fault> each_file(const std::filesystem::path& dir, const Look& look) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(dir, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() != ".log") continue;
    if (auto looked = look(entry->path()); !looked) return looked;
  }
  if (error) return std::unexpected(io_fault("looking into", dir, error));
  return {};
}

}  // namespace

std::expected<void, Fault> check_write_ahead_files(const std::filesystem::path& dir) {
  std::error_code error;
  if (!std::filesystem::exists(dir, error) && !error) return {};
  return each_file(dir, check_file);
}

std::optional<CommitSighting> last_sighting_in(std::string file, Epoch epoch) {
  strip_block_headers(file);
  std::optional<CommitSighting> last;
  std::string_view rest = file;
  for (;;) {
    const std::size_t at = rest.find(kCommitMagic);
    if (at == std::string_view::npos) return last;
    rest.remove_prefix(at);
    const auto sighted = sight_commit(rest);
    if (sighted && sighted->epoch == epoch) last = later(last, sighted);
    // What a commit holds is passed over: a text in it may look like a commit, even on purpose.
    rest.remove_prefix(std::min(sighted ? sighted->record_size : kCommitMagic.size(), rest.size()));
  }
}

std::expected<std::optional<CommitSighting>, Fault> last_sighting(const std::filesystem::path& dir,
                                                                  Epoch epoch) {
  std::optional<CommitSighting> last;
  const auto looked = each_file(dir, [&](const std::filesystem::path& path) -> std::expected<void, Fault> {
    auto bytes = read_file(path);
    if (!bytes) return std::unexpected(std::move(bytes.error()));
    last = later(last, last_sighting_in(std::move(*bytes), epoch));
    return {};
  });
  if (!looked) return std::unexpected(looked.error());
  return last;
}

}  // namespace stockfold
