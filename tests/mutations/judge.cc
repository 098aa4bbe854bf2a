#include "mutations/judge.h"

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "storage/rocksdb/engine.h"
#include "tools/transfer/store_audit.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;

/// Empties a directory, or makes it.
void renew(const fs::path& dir) {
  fs::remove_all(dir);
  fs::create_directories(dir);
}

AuditReport audit(const fs::path& dir, const fs::path& scratch, std::vector<Witness> witnesses) {
  renew(scratch / "audit");
  return audit_store(rocksdb_engine(), dir,
                     {.witnesses = std::move(witnesses), .key = {}, .scratch = scratch / "audit"});
}

/// Checks that an auditor who kept `head` is told of the damage, at a place at or before it.
std::optional<std::string> not_shown_by(const SignedHead& head, const fs::path& dir,
                                        const fs::path& scratch) {
  const AuditReport report = audit(dir, scratch, {{"the kept head", head}});
  if (report.sound()) {
    return "an audit against the head at " + std::to_string(head.head.position.value()) + " finds nothing";
  }
  const GlobalPosition position = report.violations.front().position;
  if (position <= head.head.position) return std::nullopt;
  return "an audit against the head at " + std::to_string(head.head.position.value()) + " names position " +
         std::to_string(position.value());
}

/// What differs, in words; nothing if nothing does.
std::string difference(const Answers& answers, const Answers& original) {
  if (answers.head != original.head) {
    return "the head is at " + std::to_string(answers.head.position.value()) + ", it was at " +
           std::to_string(original.head.position.value());
  }
  for (const auto& [view, digest] : original.views) {
    const auto found = answers.views.find(view);
    if (found == answers.views.end() || found->second != digest) return "view " + view + " differs";
  }
  return answers.key == original.key ? "" : "heads are signed by another key";
}

bool is_beginning_of(const Head& head, const Original& original) {
  return head.position == GlobalPosition(0) ||
         std::ranges::any_of(original.commits, [&head](const Commit& commit) {
           return commit.last() == head.position && commit.hash == head.hash;
         });
}

/// The audit found nothing, and the store's answers differ from the original's.
Judgement judge_changed(const AuditReport& report, const std::string& changed, const fs::path& dir,
                        const Deed& deed, const Original& original, const fs::path& scratch) {
  const bool is_beginning = is_beginning_of(*report.head, original);
  const GlobalPosition first = is_beginning ? report.head->position.next() : deed.first;
  const bool unwitnessed = deed.views_gone || first > original.witnessed;
  const bool cut = report.torn_tail && is_beginning;
  if (!unwitnessed || !(cut || deed.plausible)) return {Verdict::missed, changed};
  if (const auto wrong = not_shown_by(original.end, dir, scratch)) return {Verdict::missed, *wrong};
  if (first <= original.middle.head.position) {
    if (const auto wrong = not_shown_by(original.middle, dir, scratch)) return {Verdict::missed, *wrong};
  }
  return {cut ? Verdict::cut_tail : Verdict::kept_head, cut ? report.torn_tail->what : changed};
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::none:
      return "none";
    case Verdict::found:
      return "found";
    case Verdict::refused:
      return "refused";
    case Verdict::cut_tail:
      return "cut tail";
    case Verdict::kept_head:
      return "kept head";
    case Verdict::harmless:
      return "harmless";
    case Verdict::missed:
      return "MISSED";
    case Verdict::crashed:
      return "CRASHED";
  }
  return "?";
}

Judgement judge(const fs::path& dir, const Deed& deed, const Original& original, const fs::path& scratch) {
  const AuditReport report = audit(dir, scratch, {});
  if (!report.sound()) {
    const Fault& fault = report.violations.front();
    if (fault.what.empty()) return {Verdict::missed, "a violation without a word"};
    return {fault.kind == FaultKind::corruption ? Verdict::found : Verdict::refused, fault.what};
  }

  const fs::path opened = scratch / "opened";
  fs::remove_all(opened);
  fs::copy(dir, opened, fs::copy_options::recursive);
  const auto answers = answers_of(opened);
  if (!answers)
    return {Verdict::missed, "the audit is content, but the store does not open: " + answers.error().what};
  if (answers->head != *report.head)
    return {Verdict::missed, "the audit saw another head than the ledger has"};
  const std::string changed = difference(*answers, original.answers);
  if (changed.empty()) return {Verdict::harmless, {}};
  return judge_changed(report, changed, dir, deed, original, scratch);
}

}  // namespace stockfold
