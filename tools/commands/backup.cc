// stockfold backup
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/engine/backups.h"
#include "storage/engine/store.h"
#include "storage/files/scratch_directory.h"
#include "tools/commands/commands.h"
#include "tools/commands/storage_engine.h"
#include "tools/console/ask.h"
#include "tools/console/fault_text.h"
#include "tools/console/options.h"
#include "tools/console/print.h"
#include "tools/console/progress.h"
#include "tools/console/stopwatch.h"
#include "tools/reports/backup_report.h"
#include "tools/settings/settings.h"
#include "tools/transfer/backup_room.h"
#include "tools/transfer/store_audit.h"

namespace stockfold {
namespace {

struct BackingUp {
  CallOptions call;
  std::string data;  ///< Empty: a checkpoint of the ledger that `call` names.
  std::string to;
  std::string scratch;
  std::uint64_t keep = 0;  ///< 0: all of them.
  std::optional<std::uint64_t> reserve;
};

struct LookingAtBackups {
  std::string from;
  std::string scratch;
  BackupNumber number = 0;  ///< 0: all of them.
  bool json = false;
};

void add_scratch(CLI::App& command, std::string& scratch) {
  scratch = std::filesystem::temp_directory_path();
  command
      .add_option("--scratch", scratch,
                  "directory for temporary files: at most 32 bytes for each order and command id")
      ->type_name("DIR")
      ->capture_default_str();
}

/// Reads a whole backup from its directory and checks it.
Result<AuditFigures> prove(const Backups& backups, BackupNumber number,
                           const std::filesystem::path& scratch) {
  auto files = ScratchDirectory::make(scratch);
  if (!files) return std::unexpected(std::move(files.error()));
  auto log = backups.open(number);
  if (!log) return std::unexpected(std::move(log.error()));
  return audit_log(**log, {}, files->path());
}

/// The progress of the first backup, with the bytes of the log standing for its events. Later backups copy
/// little.
std::function<void(std::uint64_t)> progress_of(ProgressLine& line, const Backups& backups,
                                               const std::filesystem::path& data, GlobalPosition head) {
  if (!backups.list().empty()) return [](std::uint64_t) {};
  std::uint64_t all = 1;
  std::error_code ignored;  // then the progress is less exact
  for (std::filesystem::directory_iterator entry(data / "log", ignored), end; !ignored && entry != end;
       entry.increment(ignored)) {
    all += entry->file_size(ignored);
  }
  return [&line, all, head](std::uint64_t bytes) {
    const double share = static_cast<double>(std::min(bytes, all)) / static_cast<double>(all);
    line.show(GlobalPosition(static_cast<std::uint64_t>(share * static_cast<double>(head.value()))), head);
  };
}

/// Checks the free space before and during the copy, because other programs fill the disk, too.
Result<std::unique_ptr<NewBackup>> copied(WritableBackups& backups, const ReadOnlyStore& store,
                                          const std::filesystem::path& data, const BackupRoom& room) {
  auto bytes = backups.most_new_bytes(data);
  if (!bytes) return std::unexpected(std::move(bytes.error()));
  if (auto enough = room.check(*bytes); !enough) return std::unexpected(std::move(enough.error()));
  ProgressLine line("copying the log");
  const auto progress = progress_of(line, backups, data, store.log().head().position);
  std::optional<Fault> short_of_room;
  auto made = backups.add(store, data, [&](std::uint64_t copied_bytes) {
    progress(copied_bytes);
    if (auto enough = room.check(0); !enough) short_of_room = std::move(enough.error());
    return !short_of_room;
  });
  if (!made && short_of_room) return std::unexpected(std::move(*short_of_room));
  return made;
}

ExitCode back_up(const BackingUp& backing_up, const std::filesystem::path& data) {
  const Stopwatch stopwatch;
  const auto store = storage_engine().open_read_only(data);
  if (!store) return tell(store.error());
  // A record that was being written when the checkpoint was made is no torn tail.
  if (const auto& torn = (*store)->torn_tail(); torn && !backing_up.data.empty()) {
    complain("stockfold: the log ends at position " + std::to_string(torn->after.value()) +
             ", before a record that was never acknowledged: " + torn->what);
  }
  const auto backups = storage_engine().open_backups(backing_up.to);
  if (!backups) return tell(backups.error());
  const BackupRoom room(data, backing_up.to, backing_up.reserve);
  const auto made = copied(**backups, **store, data, room);
  if (!made) return tell(made.error());

  BackupReport report{.backup = (*made)->backup(), .new_bytes = (*made)->new_bytes(), .figures = {}};
  const auto figures = prove(**backups, report.backup.number, backing_up.scratch);
  if (!figures) {
    complain("stockfold: the backup failed its proof and was removed");
    return tell(figures.error());
  }
  report.figures = *figures;
  if (auto kept = (*made)->keep(); !kept) return tell(kept.error());
  std::optional<Fault> not_removed;
  if (backing_up.keep > 0) {
    const auto done = (*backups)->keep_newest(backing_up.keep);
    if (done) report.removed = *done;
    if (!done) not_removed = done.error();
  }
  report.seconds = stopwatch.seconds();
  print_line(backing_up.call.json ? json_of(report) : text_of(report));
  if (!not_removed) return kDone;
  complain("stockfold: the backup was made and is kept, but older ones could not be removed");
  return tell(*not_removed);
}

/// The ledger keeps running. The backup is of its log as of the start of this call.
ExitCode back_up_online(const BackingUp& backing_up) {
  return with_client(backing_up.call, [&](Client& client) {
    ExitCode outcome = kFailed;
    const auto used = client.with_checkpoint([&](const CheckpointReply& checkpoint) {
      std::error_code error;
      if (!std::filesystem::is_directory(checkpoint.directory, error)) {
        complain("stockfold: the checkpoint is " + checkpoint.directory +
                 " on the ledger's machine and cannot be read here: run this there, as the ledger's "
                 "user");
        return;
      }
      outcome = back_up(backing_up, checkpoint.directory);
    });
    return used ? outcome : tell(backing_up.call, used.error());
  });
}

ExitCode list(const LookingAtBackups& looking) {
  const auto backups = storage_engine().open_backups_read_only(looking.from);
  if (!backups) return tell(backups.error());
  const std::vector<ListedBackup> all = (*backups)->list();
  if (looking.json) {
    for (const ListedBackup& listed : all) print_line(json_of(listed));
  } else {
    print(text_of(all));
  }
  const bool readable =
      std::ranges::all_of(all, [](const auto& listed) { return listed.backup.has_value(); });
  return readable ? kDone : kUntrusted;
}

/// Prints the result for each backup as soon as it is known.
ExitCode verify(const LookingAtBackups& looking) {
  const auto backups = storage_engine().open_backups_read_only(looking.from);
  if (!backups) return tell(backups.error());
  ExitCode outcome = kDone;
  bool any = false;
  for (const ListedBackup& listed : (*backups)->list()) {
    if (looking.number != 0 && listed.number != looking.number) continue;
    any = true;
    VerifiedBackup verified{listed.number, {}};
    if (listed.backup) {
      verified.figures = prove(**backups, listed.number, looking.scratch);
    } else {
      verified.figures = std::unexpected(listed.backup.error());
    }
    if (!verified.figures && verified.figures.error().kind != FaultKind::corruption)
      return tell(verified.figures.error());
    if (!verified.figures) outcome = kUntrusted;
    print_line(looking.json ? json_of(verified) : text_of(verified));
  }
  if (any) return outcome;
  complain("stockfold: " + looking.from + " has no " +
           (looking.number == 0 ? "backup" : "backup " + std::to_string(looking.number)));
  return kFailed;
}

void add_list(CLI::App& backup, int& exit_code) {
  CLI::App* command = backup.add_subcommand("list", "list the backups");
  auto looking = std::make_shared<LookingAtBackups>();
  command->add_option("DIR", looking->from, "directory of the backups")->type_name("")->required();
  command->add_flag("--json", looking->json, "one JSON object a line");
  command->callback([looking, &exit_code] { exit_code = list(*looking); });
}

void add_verify(CLI::App& backup, int& exit_code) {
  CLI::App* command = backup.add_subcommand("verify", "read backups, and prove every file and every event");
  auto looking = std::make_shared<LookingAtBackups>();
  command->add_option("DIR", looking->from, "directory of the backups")->type_name("")->required();
  add_number(*command, "--backup", looking->number, 1, UINT32_MAX, "only this one");
  add_scratch(*command, looking->scratch);
  command->add_flag("--json", looking->json, "one JSON object a line");
  command->callback([looking, &exit_code] { exit_code = verify(*looking); });
}

}  // namespace

void add_backup(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("backup", "back up the part of a ledger's log that no backup has");
  auto backing_up = std::make_shared<BackingUp>();
  CLI::Option* to =
      command->add_option("--to", backing_up->to, "directory of the backups; created if missing");
  to->type_name("DIR");
  command
      ->add_option(
          "--data", backing_up->data,
          "directory of a store that is not being served; nothing in it changes (default: a checkpoint "
          "that the running ledger makes)")
      ->type_name("DIR");
  add_number(*command, "--keep", backing_up->keep, 1, UINT32_MAX,
             "backups to keep; older ones are removed (default: all)");
  add_argument(
      *command, "--disk-reserve", backing_up->reserve,
      [](std::string_view text) { return parse_size(text, 0, kMaxDisk); },
      "space that a backup on the ledger's own disk leaves free (default: as serve; 0: none)")
      ->type_name("SIZE");
  add_scratch(*command, backing_up->scratch);
  add_call_options(*command, backing_up->call);
  add_list(*command, exit_code);
  add_verify(*command, exit_code);
  command->callback([command, to, backing_up, &exit_code] {
    const bool looks = !command->get_subcommands().empty();
    if (looks && to->count() > 0)
      throw CLI::ExcludesError("--to", command->get_subcommands().front()->get_name());
    if (looks) return;
    if (to->count() == 0) throw CLI::RequiredError("--to");
    exit_code =
        backing_up->data.empty() ? back_up_online(*backing_up) : back_up(*backing_up, backing_up->data);
  });
}

}  // namespace stockfold
