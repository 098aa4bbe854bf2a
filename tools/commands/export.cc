// stockfold export
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "core/overloaded.h"
#include "projections/position_at.h"
#include "storage/engine/store.h"
#include "tools/commands/commands.h"
#include "tools/commands/storage_engine.h"
#include "tools/console/ask.h"
#include "tools/console/fault_text.h"
#include "tools/console/options.h"
#include "tools/console/print.h"
#include "tools/console/progress.h"
#include "tools/transfer/export_log.h"
#include "tools/transfer/new_file.h"
#include "tools/transfer/served_log.h"

namespace stockfold {
namespace {

struct Exporting {
  CallOptions call;
  std::string data;  ///< Empty: the log of the ledger that `call` names.
  std::optional<Moment> to;
  std::string file;  ///< Empty: stdout.
  bool force = false;
};

/// The log to export, and its last position.
struct Source {
  LedgerRecord ledger;
  LogCursor& commits;
  GlobalPosition to;
};

Result<ExportedLog> write_lines(const Source& source, const WriteLine& write) {
  ProgressLine line("exporting");
  GlobalPosition at;  // the line of the first event is the second
  return export_log(source.ledger, source.commits, source.to, [&](std::string_view text) {
    line.show(at, source.to);
    if (at < source.to) at = at.next();
    return write(text);
  });
}

ExitCode export_to_stdout(const Source& source) {
  const auto exported = write_lines(source, [](std::string_view text) {
    return print_data(text) ? Result<void>()
                            : std::unexpected(Fault{FaultKind::io, "cannot write to stdout", {}});
  });
  return exported ? kDone : tell(exported.error());
}

ExitCode export_to_file(const Exporting& exporting, const Source& source) {
  auto file = NewFile::begin(exporting.file);
  if (!file) return tell(file.error());
  const auto exported = write_lines(source, [&file](std::string_view text) { return (*file)->write(text); });
  if (!exported) return tell(exported.error());
  if (auto finished = (*file)->finish(); !finished) return tell(finished.error());
  const GlobalPosition position = exported->end.position;
  const std::string head = to_hex(exported->end.hash);
  print_line(exporting.call.json
                 ? fmt::format(R"({{"ok":true,"ledger":"{}","position":{},"head":"{}","commits":{}}})",
                               to_uuid(source.ledger.ledger.bytes), position.value(), head, exported->commits)
                 : fmt::format("exported {} events in {} commits; head {}", position.value(),
                               exported->commits, head));
  return kDone;
}

/// `source.to` is the position from the command line.
ExitCode run(const Exporting& exporting, const Source& source, GlobalPosition head) {
  if (source.to > head) {
    complain(fmt::format("stockfold: --to: position {} is beyond the end of the log, {}", source.to.value(),
                         head.value()));
    return kUsage;
  }
  return exporting.file.empty() ? export_to_stdout(source) : export_to_file(exporting, source);
}

ExitCode export_store(const Exporting& exporting) {
  const auto store = storage_engine().open_read_only(exporting.data);
  if (!store) return tell(store.error());
  if (const auto& torn = (*store)->torn_tail()) {
    complain(
        fmt::format("stockfold: the log ends at position {}, before a record that was never acknowledged: {}",
                    torn->after.value(), torn->what));
  }
  const EventLog& log = (*store)->log();
  const Head head = log.head();
  const auto to = std::visit(Overloaded{
                                 [](GlobalPosition position) { return Result<GlobalPosition>(position); },
                                 [&](UnixMillis time) { return position_at(log, time, head.position); },
                             },
                             exporting.to.value_or(head.position));
  if (!to) return tell(to.error());
  const auto commits = log.read(GlobalPosition(1));
  return run(exporting, {{head.ledger, head.epoch, log.created()}, *commits, *to}, head.position);
}

ExitCode export_served(const Exporting& exporting) {
  return with_client(exporting.call, [&exporting](Client& client) {
    const auto log = ServedLog::open(client);
    if (!log) return tell(log.error());
    const auto to =
        std::visit(Overloaded{
                       [](GlobalPosition position) { return ClientResult<GlobalPosition>(position); },
                       [&client](UnixMillis time) { return client.position_at(time); },
                   },
                   exporting.to.value_or((*log)->end()));
    if (!to) return tell(exporting.call, to.error());
    return run(exporting, {(*log)->ledger(), **log, *to}, (*log)->end());
  });
}

ExitCode run(const Exporting& exporting) {
  std::error_code unknown;  // then making the file says what is wrong
  if (!exporting.file.empty() && !exporting.force && std::filesystem::exists(exporting.file, unknown)) {
    complain("stockfold: " + exporting.file + " exists already; --force replaces it");
    return kFailed;
  }
  return exporting.data.empty() ? export_served(exporting) : export_store(exporting);
}

}  // namespace

void add_export(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("export", "write the log as lines of JSON, to keep, read or import");
  auto exporting = std::make_shared<Exporting>();
  command->add_option("FILE", exporting->file, "file to write (default, or -: stdout)")->type_name("");
  command
      ->add_option("--data", exporting->data,
                   "directory of a store that is not being served (default: the running ledger)")
      ->type_name("DIR");
  add_argument(*command, "--to", exporting->to, parse_moment,
               "up to the end of the commit with this position, or of this RFC 3339 time (the end)")
      ->type_name("P|TIME");
  command->add_flag("--force", exporting->force, "replace FILE if it exists");
  add_call_options(*command, exporting->call);
  command->callback([exporting, &exit_code] {
    if (exporting->file == "-") exporting->file.clear();
    exit_code = run(*exporting);
  });
}

}  // namespace stockfold
