// The report of an audit: what it proved, or the violations that it found.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/fault.h"
#include "core/signed_head.h"
#include "projections/audit/log_audit.h"
#include "projections/audit/view_audit.h"
#include "storage/engine/store.h"
#include "storage/log/event_log.h"

namespace stockfold {

struct AuditReport {
  std::optional<Head> head;                       ///< Empty where the store does not even open.
  std::optional<AuditFigures> figures;            ///< Empty where the log is not sound.
  std::optional<std::vector<AuditedView>> views;  ///< Empty where they were not looked at.
  std::vector<SignedHead> continued;              ///< Heads from elsewhere that the log continues.
  std::optional<TornTail> torn_tail;
  std::vector<Fault> violations;
  double seconds = 0;

  [[nodiscard]] bool sound() const { return violations.empty(); }
};

/// One object on one line, without its line end.
[[nodiscard]] std::string json_of(const AuditReport& report);
/// Several lines, without the last line end.
[[nodiscard]] std::string text_of(const AuditReport& report);

}  // namespace stockfold
