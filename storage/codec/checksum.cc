#include "storage/codec/checksum.h"

#include <xxhash.h>

#include "storage/codec/big_endian.h"

namespace stockfold {

std::uint64_t checksum_of(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

void append_checksum(std::string& bytes) { append_big_endian(bytes, checksum_of(bytes)); }

std::optional<std::string_view> without_checksum(std::string_view bytes) {
  if (bytes.size() < kChecksumSize) return std::nullopt;
  const std::string_view checked = bytes.substr(0, bytes.size() - kChecksumSize);
  if (parse_big_endian<std::uint64_t>(bytes.substr(checked.size())) != checksum_of(checked))
    return std::nullopt;
  return checked;
}

}  // namespace stockfold
