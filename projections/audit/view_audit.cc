#include "projections/audit/view_audit.h"

#include <map>
#include <utility>

#include "projections/audit/log_prefix.h"
#include "projections/following/catch_up.h"

namespace stockfold {
namespace {

constexpr std::size_t kEventsAStep = 65'536;

/// A view that can be compared.
struct Audit {
  const Projection* projection;
  std::unique_ptr<ViewSnapshot> view;
  AuditedView* result;
};
using Audits = std::vector<Audit>;

/// The head that the log had at a checkpoint.
Result<Head> head_at(const EventLog& log, const ViewCheckpoint& checkpoint) {
  Head head = log.head();
  auto commit = log.read(checkpoint.position)->next();
  if (!commit) return std::unexpected(std::move(commit.error()));
  if (*commit == nullptr || (*commit)->last() != checkpoint.position || (*commit)->hash != checkpoint.hash) {
    return std::unexpected(corruption(checkpoint.position, "a view was built from another log than this"));
  }
  head.position = checkpoint.position;
  head.hash = checkpoint.hash;
  head.time = (*commit)->time;
  return head;
}

Result<void> fold(const EventLog& log, std::span<const Projection* const> projections, ViewStore& scratch,
                  const AuditProgress& progress) {
  auto catch_up = CatchUp::start(log, scratch, projections);
  if (!catch_up) return std::unexpected(std::move(catch_up.error()));
  for (;;) {
    auto folded = catch_up->step(kEventsAStep);
    if (!folded) return std::unexpected(std::move(folded.error()));
    if (*folded == 0) return {};
    if (progress) progress(catch_up->position(), log.head().position);
  }
}

/// Views that share a checkpoint.
Result<void> audit_together(const EventLog& log, Audits& audits, ViewStore& scratch,
                            const AuditProgress& progress) {
  Head head;
  std::vector<const Projection*> projections;
  projections.reserve(audits.size());
  for (const Audit& audit : audits) {  // all are at one position, but each may name another commit there
    auto seen = head_at(log, audit.view->checkpoint());
    if (!seen) return std::unexpected(std::move(seen.error()));
    head = *seen;
    projections.push_back(audit.projection);
  }
  const LogPrefix prefix(log, head);
  if (auto folded = fold(prefix, projections, scratch, progress); !folded) return folded;
  for (Audit& audit : audits) {
    const std::string_view name = audit.projection->name();
    auto comparison = compare(name, *audit.view, *scratch.view(name).snapshot());
    if (!comparison) return std::unexpected(std::move(comparison.error()));
    audit.result->comparison = std::move(*comparison);
  }
  return {};
}

}  // namespace

Result<std::vector<AuditedView>> audit_views(const EventLog& log, const ReadView& read,
                                             std::span<const Projection* const> projections,
                                             ViewStore& scratch, const AuditProgress& progress) {
  const Head head = log.head();
  std::vector<AuditedView> audited(projections.size());
  std::map<GlobalPosition, Audits> by_position;
  for (std::size_t i = 0; i < projections.size(); ++i) {
    const Projection* projection = projections[i];
    audited[i].view = projection->name();
    auto view = read(projection->name());
    if (!view) return std::unexpected(std::move(view.error()));
    if (*view == nullptr) continue;
    const ViewCheckpoint& checkpoint = (*view)->checkpoint();
    audited[i].position = checkpoint.position;
    if (checkpoint.version != projection->version() || checkpoint.ledger != head.ledger ||
        checkpoint.epoch != head.epoch || checkpoint.position == GlobalPosition(0)) {
      continue;
    }
    by_position[checkpoint.position].push_back({projection, std::move(*view), &audited[i]});
  }
  for (auto& [position, audits] : by_position) {
    if (auto sound = audit_together(log, audits, scratch, progress); !sound) {
      return std::unexpected(std::move(sound.error()));
    }
  }
  return audited;
}

}  // namespace stockfold
