// Writes a log as lines.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "core/fault.h"
#include "storage/log/event_log.h"
#include "storage/log/ledger_record.h"
#include "tools/transfer/export_line.h"

namespace stockfold {

/// Takes a line to write, with its line end.
using WriteLine = std::function<Result<void>(std::string_view line)>;

struct ExportedLog {
  ExportEnd end;
  std::uint64_t commits = 0;
};

/// Writes the log of `ledger` up to the end of the commit that holds `to`. `commits` reads the commits from
/// the first on. Memory does not grow with the log.
Result<ExportedLog> export_log(const LedgerRecord& ledger, LogCursor& commits, GlobalPosition to,
                               const WriteLine& write);

}  // namespace stockfold
