// The contents of views (rows, checkpoints, blocks of positions), the ledger record, and the record of a
// backup.
#include <string>

#include "fuzz/input.h"
#include "fuzz/targets.h"
#include "storage/codec/state_codec.h"
#include "storage/engine/backup_record.h"
#include "storage/log/ledger_record.h"
#include "storage/views/checkpoint_codec.h"
#include "storage/views/order_ids.h"
#include "storage/views/position_block.h"
#include "storage/views/position_chunk.h"
#include "storage/views/posting_block.h"

namespace stockfold {
namespace {

template <class Row>
void hold(const std::expected<Row, std::string>& row, std::string_view bytes) {
  if (!row)
    return require(row.error().find(": ") != std::string::npos || row.error() == "a value outside its range",
                   "an error names the field");
  std::string again;
  encode(*row, again);
  require(again == bytes, "a row has one form");
}

void hold_checkpoint(std::string_view bytes) {
  const auto checkpoint = decode_checkpoint(bytes);
  if (checkpoint) require(encode(*checkpoint) == bytes, "a checkpoint has one form");
}

void hold_positions(std::string_view block) {
  const auto positions = decode_positions(block);
  if (!positions) return require(!positions.error().empty(), "an error says what is wrong");
  require(!positions->empty() && positions->size() <= kBlockPositions, "a block has 1 to 64 positions");
  std::string again;
  GlobalPosition last;
  for (const GlobalPosition position : *positions) {
    require(position > last, "positions ascend");
    append_position(again, last, position);
    last = position;
  }
  require(again == block, "a block has one form");
}

void hold_position_block(std::string_view bytes) {
  const auto block = decode_position_block(bytes);
  if (!block) return require(block.error().find(": ") != std::string::npos, "an error names the field");
  require(!block->empty(), "a block has a position");
  std::string again;
  encode(*block, again);
  require(again.size() <= bytes.size(), "the shortest form is written");
  require(decode_position_block(again) == *block, "what is written is read");
}

void hold_chunk(std::string_view bytes) {
  const GlobalPosition lowest(1);
  const auto positions = decode_chunk(bytes, lowest);
  if (!positions) return require(!positions.error().empty(), "an error says what is wrong");
  require(!positions->empty() && positions->size() <= kChunkPositions, "a chunk has 1 to 128 positions");
  std::string again;
  encode(*positions, lowest, again);
  require(again == bytes, "a chunk has one form");
}

void hold_order_ids(std::string_view bytes) {
  const auto ids = OrderIds::decode(bytes);
  if (!ids) return require(ids.error().find(": ") != std::string::npos, "an error names the field");
  std::string again;
  ids->encode(again);
  for (std::size_t i = 0; i < kIdPositions; ++i) {
    const auto id = order_id_at(bytes, i);
    require(order_id_at(again, i) == id, "what is written is read");
    if (!id) break;
  }
}

void hold_order_index(std::uint8_t what, std::string_view bytes) {
  switch (what % 3U) {
    case 0:
      return hold_position_block(bytes);
    case 1:
      return hold_chunk(bytes);
    default:
      return hold_order_ids(bytes);
  }
}

void hold_receipts(std::string_view row) {
  const auto receipts = decode_receipts(row);
  if (!receipts) return require(receipts.error().find(": ") != std::string::npos, "an error names the field");
  require(!receipts->empty(), "a row has a receipt");
  std::string again;
  for (const Receipt& receipt : *receipts) append(receipt, again);
  require(again == row, "a row has one form");
}

void hold_ledger_record(std::string_view bytes) {
  const auto record = decode_ledger_record(bytes);
  if (!record) return require(!record.error().what.empty(), "a fault says what is wrong");
  require(encode(*record) == bytes, "a ledger record has one form");
}

void hold_backup_record(std::string_view bytes) {
  const auto record = decode_backup_record(bytes);
  if (!record) return require(!record.error().what.empty(), "a fault says what is wrong");
  require(encode(*record) == bytes, "the record of a backup has one form");
}

}  // namespace

int fuzz_rows(const std::uint8_t* data, std::size_t size) {
  FuzzInput input(data, size);
  const std::uint8_t what = input.byte();
  std::string bytes(input.rest());
  constexpr std::uint8_t kOrderIndex = 0xF0;
  if (what >= kOrderIndex) {
    hold_order_index(what, bytes);
    return 0;
  }
  if ((what & 8U) != 0) seal_big_endian(bytes);
  switch (what & 7U) {
    case 0:
      hold(decode_product(bytes), bytes);
      break;
    case 1:
      hold(decode_order(bytes), bytes);
      break;
    case 2:
      hold_receipts(bytes);
      break;
    case 3:
      hold(decode_movements(bytes), bytes);
      break;
    case 4:
      hold_checkpoint(bytes);
      break;
    case 5:
      hold_positions(bytes);
      break;
    case 6:
      hold_ledger_record(bytes);
      break;
    default:
      hold_backup_record(bytes);
      break;
  }
  return 0;
}

}  // namespace stockfold
