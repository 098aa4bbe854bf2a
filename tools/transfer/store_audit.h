// The proof of a store without writers: its log, the heads that it must continue, its views.
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

/// A signed head, and the file that holds it.
struct Witness {
  std::string file;
  SignedHead head;
};

/// The error names a file that holds no head. The audit checks later whether the head is genuine.
std::expected<Witness, std::string> read_witness(const std::string& file);

struct StoreAudit {
  std::vector<Witness> witnesses;
  std::optional<std::string> key;  ///< In hexadecimal digits: the one that signed them.
  std::filesystem::path scratch;   ///< An empty directory, for about as many bytes as the views have.
  bool log_only = false;
};

/// Reads a whole log once and proves that it is sound and continues the witnesses, which are in order of
/// position. Shows progress on a terminal. `scratch`: see LogAudit.
Result<AuditFigures> audit_log(const EventLog& log, const std::vector<Witness>& witnesses,
                               const std::filesystem::path& scratch);

/// Changes nothing in `data`, and shows progress on a terminal. A fault that stops the audit is among the
/// violations, even if it is not corruption.
[[nodiscard]] AuditReport audit_store(const StorageEngine& storage, const std::filesystem::path& data,
                                      StoreAudit audit);

}  // namespace stockfold
