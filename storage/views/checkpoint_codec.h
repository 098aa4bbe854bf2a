// A view's checkpoint as bytes. The format is docs/DATA_FORMAT.md, "Checkpoints".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage/views/view_store.h"

namespace stockfold {

/// 64 bytes, numbers big-endian: version, ledger, epoch, position, hash; then the XXH3-64 of these.
std::string encode(const ViewCheckpoint& checkpoint);

/// Empty if encode() does not write `bytes`.
std::optional<ViewCheckpoint> decode_checkpoint(std::string_view bytes);

}  // namespace stockfold
