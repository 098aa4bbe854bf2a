// A store made of the lines of an exported log.
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

/// What an import takes from its surroundings.
struct ImportPlace {
  /// Begins the store that the lines go into.
  std::function<Result<std::unique_ptr<NewStore>>(const LedgerRecord& ledger)> begin;
  /// An empty directory for files that nobody needs afterwards.
  std::filesystem::path scratch;
  /// Called after each commit, with its last event and how many bytes of the lines were read by then.
  std::function<void(GlobalPosition at, std::uint64_t bytes)> lines_read;
  /// Called once the lines are at their end, while the views are built.
  std::function<void(GlobalPosition at, GlobalPosition head)> views_built;
};

/// Makes a store, views included, of exported lines. What is checked is what LogAudit and check_command()
/// check, that positions have no gap, that commits have the epochs and times that they can have, and that
/// each commit has the hash that the lines say. Where a line is wrong the store is not finished, so nothing
/// is left of it. That an id comes twice is seen only at the end; of other mistakes the first is named.
///
/// Memory: that of LogAudit, one commit of at most 64 MiB of lines, and what the store takes.
std::expected<ImportedLog, ImportError> import_log(std::istream& lines, const ImportPlace& place);

}  // namespace stockfold
