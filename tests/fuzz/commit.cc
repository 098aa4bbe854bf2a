// One record of the log.
#include <string>

#include "fuzz/formats.h"
#include "fuzz/input.h"
#include "fuzz/targets.h"
#include "storage/log/commit_record.h"

namespace stockfold {
namespace {

constexpr std::size_t kLeast = kCommitHeaderSize + 8;

/// Corrects the size and both checksums, whatever else the record holds.
void seal(std::string& record) {
  if (record.size() < kLeast) return;
  record.replace(0, kCommitMagic.size(), kCommitMagic);
  put_little_endian(record, kCommitBodySizeAt, record.size() - kLeast, 4);
  put_little_endian(record, kCommitChecksumAt, xxh3(std::string_view(record).substr(0, kCommitChecksumAt)),
                    8);
  const std::size_t end = record.size() - 8;
  put_little_endian(record, end, xxh3(std::string_view(record).substr(0, end)), 8);
}

/// The position that the record itself names, or 1.
GlobalPosition first_of(std::string_view record) {
  std::uint64_t first = 0;
  for (std::size_t i = 8; record.size() >= kLeast && i-- > 0;) {
    first = first << 8U | static_cast<std::uint8_t>(record[kCommitFirstAt + i]);
  }
  return GlobalPosition(record.size() >= kLeast ? first : 1);
}

}  // namespace

int fuzz_commit(const std::uint8_t* data, std::size_t size) {
  FuzzInput input(data, size);
  const std::uint8_t what = input.byte();
  std::string record(input.rest());
  if ((what & 1U) != 0) seal(record);
  const GlobalPosition first = (what & 2U) != 0 ? first_of(record) : GlobalPosition(1);

  auto commit = decode_commit(record, first);
  if (!commit) {
    require(!commit.error().what.empty(), "a fault says what is wrong");
    require(commit.error().position >= first, "and where");
    return 0;
  }
  const CommitHash hash = commit->hash;
  require(commit->first() == first, "a commit begins where it was found");
  require(encode_commit(*commit) == record && commit->hash == hash, "a commit has one form and one hash");
  const auto sighted = sight_commit(record + "more");
  require(sighted && sighted->first == first && sighted->epoch == commit->epoch &&
              sighted->record_size == record.size(),
          "its header alone says the same");
  return 0;
}

}  // namespace stockfold
