// Makes a store from the lines of an exported log.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <istream>
#include <memory>
#include <string>
#include <variant>

#include "core/fault.h"
#include "projections/audit/log_audit.h"
#include "storage/engine/new_store.h"
#include "storage/log/event_log.h"
#include "storage/log/ledger_record.h"

namespace stockfold {

/// The first line that is wrong: what was expected there and what was found.
struct WrongLine {
  std::uint64_t line = 0;  ///< From 1.
  std::string what;
};
using ImportError = std::variant<WrongLine, Fault>;

struct ImportedLog {
  Head head;
  AuditFigures figures;
};

/// What the caller of an import provides.
struct ImportPlace {
  /// Begins the store that the lines go into.
  std::function<Result<std::unique_ptr<NewStore>>(const LedgerRecord& ledger)> begin;
  /// An empty directory for temporary files.
  std::filesystem::path scratch;
  /// Called after each commit, with its last event and how many bytes of the lines were read by then.
  std::function<void(GlobalPosition at, std::uint64_t bytes)> lines_read;
  /// Called while the views are built, after the last line.
  std::function<void(GlobalPosition at, GlobalPosition head)> views_built;
};

/// Makes a store, with its views, from exported lines. It checks
///  - what LogAudit and check_command() check;
///  - that positions have no gap;
///  - that the epochs and times of commits are possible;
///  - that each commit has the hash that its lines state.
/// If a line is wrong, nothing is left of the store. The error names the first wrong line, but a repeated id
/// is found only at the end.
///
/// Memory: that of LogAudit, one commit of at most 64 MiB of lines, and what the store takes.
std::expected<ImportedLog, ImportError> import_log(std::istream& lines, const ImportPlace& place);

}  // namespace stockfold
