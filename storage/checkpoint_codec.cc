#include "storage/checkpoint_codec.h"

#include <xxhash.h>

#include <algorithm>

#include "storage/big_endian.h"

namespace stockfold {
namespace {

constexpr std::size_t kFieldBytes = 64;

template <class Tag, std::size_t N>
void append(std::string& out, const Bytes<Tag, N>& value) {
  out.append(reinterpret_cast<const char*>(value.bytes.data()), N);
}

std::uint64_t checksum_of(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

/// Takes the fields off the front of bytes that are known to be enough.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : bytes_(bytes) {}

  template <std::unsigned_integral Number>
  Number number() {
    return *parse_big_endian<Number>(take(sizeof(Number)));
  }

  template <class Value>
  Value raw() {
    Value value;
    std::ranges::copy(take(Value::kSize), reinterpret_cast<char*>(value.bytes.data()));
    return value;
  }

 private:
  std::string_view take(std::size_t count) {
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }

  std::string_view bytes_;
};

}  // namespace

std::string encode(const ViewCheckpoint& checkpoint) {
  std::string out;
  out.reserve(kFieldBytes + sizeof(std::uint64_t));
  append_big_endian(out, checkpoint.version);
  append(out, checkpoint.ledger);
  append_big_endian(out, checkpoint.epoch.value());
  append_big_endian(out, checkpoint.position.value());
  append(out, checkpoint.hash);
  append_big_endian(out, checksum_of(out));
  return out;
}

std::optional<ViewCheckpoint> decode_checkpoint(std::string_view bytes) {
  if (bytes.size() != kFieldBytes + sizeof(std::uint64_t)) return std::nullopt;
  const std::string_view fields_bytes = bytes.substr(0, kFieldBytes);
  if (parse_big_endian<std::uint64_t>(bytes.substr(kFieldBytes)) != checksum_of(fields_bytes))
    return std::nullopt;

  Fields fields(fields_bytes);
  ViewCheckpoint checkpoint;
  checkpoint.version = fields.number<std::uint32_t>();
  checkpoint.ledger = fields.raw<LedgerId>();
  checkpoint.epoch = Epoch(fields.number<std::uint32_t>());
  checkpoint.position = GlobalPosition(fields.number<std::uint64_t>());
  checkpoint.hash = fields.raw<CommitHash>();
  return checkpoint;
}

}  // namespace stockfold
