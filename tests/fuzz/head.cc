// A signed head from an untrusted source, and the file with the key that signs heads.
#include <fstream>
#include <string>

#include "fuzz/formats.h"
#include "fuzz/input.h"
#include "fuzz/targets.h"
#include "storage/files/head_key.h"
#include "support/memory_directory.h"
#include "tools/reports/head_text.h"

namespace stockfold {
namespace {

// docs/DATA_FORMAT.md, "Signed heads".
constexpr std::string_view kMagic = "stockfold head key 2\n";
constexpr std::string_view kMagicWithoutChecksum = "stockfold head key 1\n";
constexpr std::size_t kSeedBytes = 32;

void hold_signed_head(std::string_view text) {
  const auto head = parse_signed_head(text);
  if (!head) return require(!head.error().empty(), "what is wrong is said");
  (void)is_genuine(*head);  // may say no, and must do nothing else
  const UnixMillis time = head->head.time;
  if (time < kEarliest || time > kLatest) return;
  const auto again = parse_signed_head(json_of(*head));
  require(again && *again == *head, "a head that is written is read back");
}

bool is_key_file(std::string_view bytes) {
  if (bytes.starts_with(kMagicWithoutChecksum)) {
    return bytes.size() == kMagicWithoutChecksum.size() + kSeedBytes;
  }
  std::string sealed(bytes);
  seal_big_endian(sealed);
  return bytes.starts_with(kMagic) && bytes.size() == kMagic.size() + kSeedBytes + 8 && sealed == bytes;
}

void hold_key(std::string_view bytes) {
  static const MemoryDirectory dir;
  std::ofstream file(dir.path() / "head.key", std::ios::binary | std::ios::trunc);
  file << bytes;
  file.close();
  require(file.good(), "the target itself can write the file");
  std::filesystem::permissions(dir.path() / "head.key",
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const auto key = HeadKey::open(dir.path());
  require(key.has_value() == is_key_file(bytes), "a key file is one as docs/DATA_FORMAT.md says");
  if (!key) {
    return require(
        key.error().kind == FaultKind::corruption && key.error().what.find("head.key") != std::string::npos,
        "a fault names the file");
  }
  require(key->has_value() && is_genuine((*key)->sign(Head{})), "a key signs");
}

}  // namespace

int fuzz_head(const std::uint8_t* data, std::size_t size) {
  FuzzInput input(data, size);
  const std::uint8_t what = input.byte();
  std::string bytes(input.rest());
  if ((what & 2U) != 0) seal_big_endian(bytes);
  if ((what & 1U) != 0) {
    hold_key(bytes);
  } else {
    hold_signed_head(bytes);
  }
  return 0;
}

}  // namespace stockfold
