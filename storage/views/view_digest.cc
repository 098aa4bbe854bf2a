#include "storage/views/view_digest.h"

#include <array>
#include <string>
#include <utility>

#include "storage/codec/big_endian.h"

namespace stockfold {
namespace {

constexpr std::string_view kDomain("stockfold view 1\0", 17);

std::array<char, 4> size_bytes(std::string_view bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  return {static_cast<char>(size >> 24U), static_cast<char>(size >> 16U), static_cast<char>(size >> 8U),
          static_cast<char>(size)};
}

void add_sized(Sha256& hash, std::string_view bytes) {
  const auto size = size_bytes(bytes);
  hash.add({size.data(), size.size()});
  hash.add(bytes);
}

}  // namespace

ViewDigester::ViewDigester(std::string_view view, std::uint32_t version, GlobalPosition position) {
  hash_.add(kDomain);
  add_sized(hash_, view);
  std::string numbers;
  append_big_endian(numbers, version);
  append_big_endian(numbers, position.value());
  hash_.add(numbers);
}

void ViewDigester::add(std::string_view key, std::string_view value) {
  add_sized(hash_, key);
  add_sized(hash_, value);
}

ViewDigest ViewDigester::finish() { return ViewDigest{hash_.finish()}; }

Result<ViewDigest> digest_of(std::string_view view, const ViewSnapshot& snapshot) {
  const ViewCheckpoint& checkpoint = snapshot.checkpoint();
  ViewDigester digester(view, checkpoint.version, checkpoint.position);
  auto scanned = snapshot.scan("", [&](std::string_view key, std::string_view value) {
    digester.add(key, value);
    return true;
  });
  if (!scanned) return std::unexpected(std::move(scanned.error()));
  return digester.finish();
}

}  // namespace stockfold
