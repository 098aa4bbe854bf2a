// stockfold restore
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/engine/backups.h"
#include "storage/files/scratch_directory.h"
#include "storage/log/next_life.h"
#include "tools/commands/commands.h"
#include "tools/commands/storage_engine.h"
#include "tools/console/fault_text.h"
#include "tools/console/options.h"
#include "tools/console/print.h"
#include "tools/console/stopwatch.h"
#include "tools/reports/backup_report.h"
#include "tools/transfer/store_audit.h"

namespace stockfold {
namespace {

struct Restoring {
  std::string from;
  std::string data;
  std::string scratch;
  BackupNumber number = 0;  ///< 0: the newest.
  Epoch::rep epoch = 0;     ///< 0: one that is drawn.
  bool json = false;
};

/// A damaged newest backup is an error; an older one is not taken instead.
Result<Backup> chosen(const Restoring& restoring, const Backups& backups) {
  const std::vector<ListedBackup> all = backups.list();
  const auto found = restoring.number == 0 ? (all.empty() ? all.end() : std::prev(all.end()))
                                           : std::ranges::find(all, restoring.number, &ListedBackup::number);
  if (found != all.end()) return found->backup;
  return std::unexpected(
      Fault{FaultKind::io,
            restoring.from + " has no backup" +
                (restoring.number == 0 ? std::string() : " " + std::to_string(restoring.number)),
            {}});
}

/// Checks that the new store has the log of the backup, in another epoch, and that the log is sound.
Result<AuditFigures> prove(const NewStore& store, const Head& expected, Epoch epoch,
                           const std::filesystem::path& scratch) {
  auto files = ScratchDirectory::make(scratch);
  if (!files) return std::unexpected(std::move(files.error()));
  Head next = expected;
  next.epoch = epoch;
  const Head head = store.log().head();
  if (head != next) {
    return std::unexpected(corruption(
        head.position,
        fmt::format(
            "the restored log ends with {} in epoch {}, the backup with {} in epoch {} at position {}",
            to_hex(head.hash), head.epoch.value(), to_hex(expected.hash), expected.epoch.value(),
            expected.position.value())));
  }
  return audit_log(store.log(), {}, files->path());
}

Result<RestoreReport> restored(const Restoring& restoring) {
  const Stopwatch stopwatch;
  auto backups = storage_engine().open_backups_read_only(restoring.from);
  if (!backups) return std::unexpected(std::move(backups.error()));
  auto backup = chosen(restoring, **backups);
  if (!backup) return std::unexpected(std::move(backup.error()));
  StoreOptions options;
  options.recent_commits_bytes = 0;  // no view follows
  const Head& end = backup->record.head;
  auto epoch = restoring.epoch == 0 ? draw_epoch_after(end.epoch) : Epoch(restoring.epoch);
  if (!epoch) return std::unexpected(std::move(epoch.error()));
  auto store = (*backups)->restore(backup->number, restoring.data, options, *epoch);
  if (!store) return std::unexpected(std::move(store.error()));
  auto figures = prove(**store, end, *epoch, restoring.scratch);
  if (!figures) return std::unexpected(std::move(figures.error()));
  const Head head = (*store)->log().head();
  if (auto finished = (*store)->finish(); !finished) return std::unexpected(std::move(finished.error()));
  return RestoreReport{.backup = *backup, .head = head, .figures = *figures, .seconds = stopwatch.seconds()};
}

ExitCode run(const Restoring& restoring) {
  const auto report = restored(restoring);
  if (!report) return tell(report.error());
  print_line(restoring.json ? json_of(*report) : text_of(*report));
  return kDone;
}

}  // namespace

void add_restore(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("restore", "make a store from a backup; it begins another life of the ledger");
  auto restoring = std::make_shared<Restoring>();
  restoring->scratch = std::filesystem::temp_directory_path();
  command->add_option("--from", restoring->from, "directory of the backups")->type_name("DIR")->required();
  add_number(*command, "--backup", restoring->number, 1, UINT32_MAX, "number of the backup (the newest)");
  add_number(*command, "--epoch", restoring->epoch, 1, UINT32_MAX,
             "epoch of the new store (default: a random one, so that no two restores share it)");
  command->add_option("--data", restoring->data, "directory of the new store: empty or missing")
      ->type_name("DIR")
      ->required();
  command
      ->add_option("--scratch", restoring->scratch,
                   "directory for temporary files: at most 32 bytes for each order and command id")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_flag("--json", restoring->json, "one JSON object");
  command->callback([restoring, &exit_code] { exit_code = run(*restoring); });
}

}  // namespace stockfold
