// The record that identifies a log. The format is docs/DATA_FORMAT.md, "The ledger record".
#pragma once

#include <string>
#include <string_view>

#include "core/fault.h"
#include "core/ids.h"
#include "core/numbers.h"

namespace stockfold {

struct LedgerRecord {
  LedgerId ledger;
  Epoch epoch;
  UnixMillis created;
};

std::string encode(const LedgerRecord& record);

/// A record of a later format version is newer_format. Any other bytes that encode() does not write are
/// corruption.
Result<LedgerRecord> decode_ledger_record(std::string_view bytes);

}  // namespace stockfold
