#include "tools/transfer/store_audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <thread>
#include <utility>

#include "projections/audit/log_audit.h"
#include "projections/audit/view_audit.h"
#include "projections/following/commit_feed.h"
#include "projections/views.h"
#include "storage/files/head_key.h"
#include "tools/console/print.h"
#include "tools/console/progress.h"
#include "tools/reports/head_text.h"
#include "tools/reports/rebuild_report.h"

namespace stockfold {
namespace {

/// The most bytes of a file with a signed head, which has some hundreds.
constexpr std::size_t kMostHeadBytes = 65'536;

Fault broken(const Witness& witness, const std::string& what) {
  return corruption(witness.head.head.position, witness.file + ": " + what);
}

/// Checks a witness before the log is read.
std::optional<Fault> look_at(const Witness& witness, const Head& log, const std::optional<std::string>& key) {
  const Head& head = witness.head.head;
  if (!is_genuine(witness.head)) return broken(witness, "its signature does not match its key");
  if (key && to_hex(witness.head.key.bytes) != *key) {
    return broken(witness, "it is not signed by the key " + *key);
  }
  if (head.ledger != log.ledger) return broken(witness, "it belongs to another ledger");
  if (head.epoch > log.epoch) return broken(witness, "its epoch is later than that of the log");
  if (head.position > log.position) {
    return broken(witness, fmt::format("it is at position {}, but the log ends at {}", head.position.value(),
                                       log.position.value()));
  }
  return std::nullopt;
}

std::string found_row(const std::optional<std::string>& row) {
  return row ? '"' + printable(*row) + '"' : "missing";
}

Fault wrong_row(const AuditedView& view, const RowDifference& row) {
  return corruption(view.position,
                    fmt::format("view {}: row \"{}\" is {}, but by the log it is {}", view.view,
                                printable(row.key), found_row(row.live), found_row(row.rebuilt)));
}

/// Adds its findings to the report.
void audit_views(const StorageEngine& storage, const ReadOnlyStore& store,
                 const std::filesystem::path& scratch, AuditReport& report) {
  const auto fold = storage.open_views(scratch / "views", view_names());
  if (!fold) {
    report.violations.push_back(fold.error());
    return;
  }
  ProgressLine line("checking the views");
  auto views = stockfold::audit_views(
      store.log(), [&store](std::string_view name) { return store.view(name); }, all_projections(), **fold,
      [&line](GlobalPosition at, GlobalPosition end) { line.show(at, end); });
  if (!views) {
    report.violations.push_back(views.error());
    return;
  }
  for (const AuditedView& view : *views) {
    if (view.comparison && view.comparison->first) {
      report.violations.push_back(wrong_row(view, *view.comparison->first));
    }
  }
  report.views = std::move(*views);
}

}  // namespace

std::expected<Witness, std::string> read_witness(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(kMostHeadBytes + 1, '\0');  // one more shows that it is larger
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in.is_open() || in.bad()) return std::unexpected("cannot read " + file);
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kMostHeadBytes) {
    return std::unexpected(
        fmt::format("{} holds no signed head: it has more than {} bytes", file, kMostHeadBytes));
  }
  auto head = parse_signed_head(text);
  if (!head) return std::unexpected(file + " holds no signed head: " + head.error());
  return Witness{file, std::move(*head)};
}

Result<AuditFigures> audit_log(const EventLog& log, const std::vector<Witness>& witnesses,
                               const std::filesystem::path& scratch) {
  LogAudit audit(scratch);
  ProgressLine line("checking the log");
  const GlobalPosition head = log.head().position;
  CommitFeed feed(log, 1, std::max(std::thread::hardware_concurrency(), 1U));
  const auto commits = feed.cursor(0);
  auto witness = witnesses.begin();
  while (witness != witnesses.end() && witness->head.head.position == GlobalPosition(0)) ++witness;
  for (;;) {
    auto next = commits->next();
    if (!next) return std::unexpected(std::move(next.error()));
    if (*next == nullptr) return audit.finish();
    const Commit& commit = **next;
    if (auto sound = audit.follow(commit); !sound) return std::unexpected(std::move(sound.error()));
    for (; witness != witnesses.end() && witness->head.head.position <= commit.last(); ++witness) {
      const Head& seen = witness->head.head;
      if (seen.position == commit.last() && seen.hash == commit.hash) continue;
      return std::unexpected(broken(
          *witness,
          fmt::format("expected the commit with hash {} to end at position {}, found {} "
                      "that ends at {}",
                      to_hex(seen.hash), seen.position.value(), to_hex(commit.hash), commit.last().value())));
    }
    line.show(commit.last(), head);
  }
}

AuditReport audit_store(const StorageEngine& storage, const std::filesystem::path& data, StoreAudit audit) {
  AuditReport report;
  const auto store = storage.open_read_only(data);
  if (!store) {
    report.violations.push_back(store.error());
    return report;
  }
  const EventLog& log = (*store)->log();
  report.head = log.head();
  report.torn_tail = (*store)->torn_tail();
  for (const Witness& witness : audit.witnesses) {
    if (auto wrong = look_at(witness, *report.head, audit.key))
      report.violations.push_back(std::move(*wrong));
  }
  if (!report.sound()) return report;
  std::ranges::sort(audit.witnesses, {}, [](const Witness& witness) { return witness.head.head.position; });
  const auto figures = audit_log(log, audit.witnesses, audit.scratch);
  if (!figures) {
    report.violations.push_back(figures.error());
    return report;
  }
  report.figures = *figures;
  if (const auto key = HeadKey::open(data); !key) report.violations.push_back(key.error());
  for (Witness& witness : audit.witnesses) report.continued.push_back(std::move(witness.head));
  if (!audit.log_only) audit_views(storage, **store, audit.scratch, report);
  return report;
}

}  // namespace stockfold
