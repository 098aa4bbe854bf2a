// The search for commits in a write-ahead file that may be damaged anywhere, compared with a simple one.
#include "storage/rocksdb/wal.h"

#include <algorithm>
#include <optional>
#include <string>

#include "fuzz/formats.h"
#include "fuzz/input.h"
#include "fuzz/targets.h"
#include "support/write_ahead_fragments.h"

namespace stockfold {
namespace {

constexpr Epoch kEpoch(1);

/// Corrects the checksum of every header of a commit.
void seal_headers(std::string& file) {
  for (std::size_t at = file.find(kCommitMagic); at != std::string::npos;
       at = file.find(kCommitMagic, at + kCommitMagic.size())) {
    if (file.size() - at < kCommitHeaderSize) return;
    put_little_endian(file, at + kCommitChecksumAt,
                      xxh3(std::string_view(file).substr(at, kCommitChecksumAt)), 8);
  }
}

std::string without_block_headers(std::string_view file) {
  std::string content;
  for (std::size_t at = 0; at < file.size(); at += kWriteAheadBlockSize) {
    const std::string_view block = file.substr(at, kWriteAheadBlockSize);
    content += block.substr(std::min(kFragmentHeaderSize, block.size()));
  }
  return content;
}

/// The last commit among those that do not start within another.
std::optional<GlobalPosition> last_first(std::string_view content) {
  std::optional<GlobalPosition> last;
  for (std::size_t at = 0; at < content.size();) {
    const auto sighted = sight_commit(content.substr(at));
    if (sighted && sighted->epoch == kEpoch && (!last || sighted->first > *last)) last = sighted->first;
    at += sighted ? sighted->record_size : 1;
  }
  return last;
}

}  // namespace

int fuzz_wal(const std::uint8_t* data, std::size_t size) {
  FuzzInput input(data, size);
  const std::uint8_t what = input.byte();
  std::string file;
  // Zeros in front, so that few bytes reach the end of a block.
  if ((what & 2U) != 0) file.assign(kWriteAheadBlockSize - 256 + 2 * std::size_t{input.byte()}, '\0');
  file += input.rest();
  if ((what & 1U) != 0) seal_headers(file);

  const auto found = last_sighting_in(file, kEpoch);
  const auto expected = last_first(without_block_headers(file));
  require(found.has_value() == expected.has_value() && (!found || found->first == *expected),
          "the commit that starts last is found");
  return 0;
}

}  // namespace stockfold
