// stockfold repair
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "projections/following/rebuild.h"
#include "projections/views.h"
#include "storage/engine/store.h"
#include "storage/files/durable_directory.h"
#include "storage/files/head_key.h"
#include "storage/files/scratch_directory.h"
#include "tools/commands/commands.h"
#include "tools/commands/storage_engine.h"
#include "tools/console/fault_text.h"
#include "tools/console/print.h"
#include "tools/console/progress.h"
#include "tools/console/stopwatch.h"
#include "tools/reports/rebuild_report.h"
#include "tools/transfer/store_audit.h"

namespace stockfold {
namespace {

struct Repairing {
  std::string data;
  std::string scratch;
  bool json = false;
};

Result<AuditReport> audited(const Repairing& repairing) {
  auto scratch = ScratchDirectory::make(repairing.scratch);
  if (!scratch) return std::unexpected(std::move(scratch.error()));
  const Stopwatch stopwatch;
  AuditReport report =
      audit_store(storage_engine(), repairing.data, {.witnesses = {}, .key = {}, .scratch = scratch->path()});
  report.seconds = stopwatch.seconds();
  for (const Fault& fault : report.violations) {
    if (fault.kind != FaultKind::corruption) return std::unexpected(fault);
  }
  return report;
}

/// The views that differ from the log, or all views if the audit could not compare them.
std::vector<const Projection*> wrong_views(const AuditReport& report) {
  std::vector<const Projection*> wrong;
  for (const Projection* projection : all_projections()) {
    const auto is_right = [&](const AuditedView& view) {
      return view.view == projection->name() && view.comparison && !view.comparison->first;
    };
    if (report.views && std::ranges::any_of(*report.views, is_right)) continue;
    wrong.push_back(projection);
  }
  return wrong;
}

Result<std::vector<ReportedView>> rebuilt(const std::string& data,
                                          const std::vector<const Projection*>& projections) {
  auto store = storage_engine().open(data, {.views = view_names(), .create = false});
  if (!store) return std::unexpected(std::move(store.error()));
  const Stopwatch stopwatch;
  ProgressLine line("rebuilding");
  RebuildOptions options;
  options.progress = [&line](GlobalPosition at, GlobalPosition head) { line.show(at, head); };
  auto views = rebuild((*store)->log(), (*store)->views(), projections, options);
  line.end();
  if (!views) return std::unexpected(std::move(views.error()));
  std::vector<ReportedView> reported;
  for (RebuiltView& view : *views) reported.push_back({std::move(view), stopwatch.seconds()});
  return reported;
}

void print_report(const Repairing& repairing, const AuditReport& report) {
  print_line(repairing.json ? json_of(report) : text_of(report));
}

void print_rebuilt(const Repairing& repairing, const std::vector<ReportedView>& views) {
  if (!repairing.json) {
    print("\n" + text_of(views));
    print_line(fmt::format("repaired: {} of {} views", views.size(), all_projections().size()));
    return;
  }
  for (const ReportedView& view : views) print_line(json_of(view));
}

ExitCode run(const Repairing& repairing) {
  if (const auto is_private = check_private(repairing.data); !is_private) return tell(is_private.error());
  const auto aside = storage_engine().set_damaged_views_aside(repairing.data);
  if (!aside) return tell(aside.error());
  if (*aside) {
    complain("stockfold: the views cannot be opened; they were moved to " +
             (std::filesystem::path(repairing.data) / "views.damaged").string());
  }
  const auto report = audited(repairing);
  if (!report) return tell(report.error());
  print_report(repairing, *report);
  if (!report->figures) {
    complain("stockfold: the log itself is damaged and was not changed: restore a backup of the store");
    return kUntrusted;
  }
  const std::vector<const Projection*> wrong = wrong_views(*report);
  if (!wrong.empty()) {
    const auto views = rebuilt(repairing.data, wrong);
    if (!views) return tell(views.error());
    print_rebuilt(repairing, *views);
  }
  if (HeadKey::open(repairing.data)) return kDone;
  complain("stockfold: the ledger's key is damaged and was not changed: restore head.key from a backup");
  return kUntrusted;
}

}  // namespace

void add_repair(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "repair",
      "audit a store that is not being served and rebuild views that differ; the log does not change");
  auto repairing = std::make_shared<Repairing>();
  repairing->scratch = std::filesystem::temp_directory_path();
  command->add_option("--data", repairing->data, "directory of the store")->required()->type_name("DIR");
  command
      ->add_option("--scratch", repairing->scratch,
                   "directory for temporary files, about as large as the views")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_flag("--json", repairing->json, "one JSON object a line: the audit, then each view rebuilt");
  command->callback([repairing, &exit_code] { exit_code = run(*repairing); });
}

}  // namespace stockfold
