// The proof of a store that nobody writes to meanwhile: its log, the heads that it must continue, its views.
#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/fault.h"
#include "core/signed_head.h"
#include "projections/audit/log_audit.h"
#include "storage/engine/engine.h"
#include "storage/log/event_log.h"
#include "tools/reports/audit_report.h"

namespace stockfold {

/// A head from elsewhere, and the file that it is in.
struct Witness {
  std::string file;
  SignedHead head;
};

/// What cannot be read as a head is a mistake of the caller, and named; whether it is genuine is the audit's
/// to say.
std::expected<Witness, std::string> read_witness(const std::string& file);

struct StoreAudit {
  std::vector<Witness> witnesses;
  std::optional<std::string> key;  ///< In hexadecimal digits: the one that signed them.
  std::filesystem::path scratch;   ///< An empty directory, for about as many bytes as the views have.
  bool log_only = false;
};

/// Reads a whole log once and proves it, and that it continues the witnesses, which are in order of position.
/// Shows progress on a terminal. `scratch`: see LogAudit.
Result<AuditFigures> audit_log(const EventLog& log, const std::vector<Witness>& witnesses,
                               const std::filesystem::path& scratch);

/// Changes nothing in `data`, and shows progress on a terminal. Whatever keeps it from going on is among the
/// violations, also where it is no corruption.
[[nodiscard]] AuditReport audit_store(const StorageEngine& storage, const std::filesystem::path& data,
                                      StoreAudit audit);

}  // namespace stockfold
