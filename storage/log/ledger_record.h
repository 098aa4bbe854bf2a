// What a log says of itself. The format is docs/DATA_FORMAT.md, "The ledger record".
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

/// Of a later version of the whole format: newer_format. Otherwise anything that encode() does not write is
/// corruption.
Result<LedgerRecord> decode_ledger_record(std::string_view bytes);

}  // namespace stockfold
