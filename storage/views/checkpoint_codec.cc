#include "storage/views/checkpoint_codec.h"

#include "storage/codec/big_endian.h"
#include "storage/codec/checksum.h"

namespace stockfold {
namespace {

constexpr std::size_t kCheckpointBytes = 64;

}  // namespace

std::string encode(const ViewCheckpoint& checkpoint) {
  std::string out;
  out.reserve(kCheckpointBytes + kChecksumSize);
  append_big_endian(out, checkpoint.version);
  append_raw(out, checkpoint.ledger);
  append_big_endian(out, checkpoint.epoch.value());
  append_big_endian(out, checkpoint.position.value());
  append_raw(out, checkpoint.hash);
  append_checksum(out);
  return out;
}

std::optional<ViewCheckpoint> decode_checkpoint(std::string_view bytes) {
  const auto checked = without_checksum(bytes);
  if (!checked || checked->size() != kCheckpointBytes) return std::nullopt;

  FixedFields fields(*checked);
  ViewCheckpoint checkpoint;
  checkpoint.version = fields.number<std::uint32_t>();
  checkpoint.ledger = fields.raw<LedgerId>();
  checkpoint.epoch = Epoch(fields.number<std::uint32_t>());
  checkpoint.position = GlobalPosition(fields.number<std::uint64_t>());
  checkpoint.hash = fields.raw<CommitHash>();
  return checkpoint;
}

}  // namespace stockfold
