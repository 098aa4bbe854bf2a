// stockfold import
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "projections/views.h"
#include "storage/engine/store.h"
#include "storage/files/scratch_directory.h"
#include "storage/log/next_life.h"
#include "tools/commands/commands.h"
#include "tools/commands/storage_engine.h"
#include "tools/console/fault_text.h"
#include "tools/console/print.h"
#include "tools/console/progress.h"
#include "tools/transfer/import_log.h"

namespace stockfold {
namespace {

namespace json = boost::json;

struct Importing {
  std::string file;  ///< "-": standard input.
  std::string data;
  std::string scratch;
  bool same_life = false;
  bool json = false;
};

ExitCode tell_error(const Importing& importing, const ImportError& error) {
  if (const auto* fault = std::get_if<Fault>(&error)) return tell(*fault);
  const auto& wrong = std::get<WrongLine>(error);
  if (importing.json) {
    print_line(json::serialize(json::object{{"ok", false}, {"line", wrong.line}, {"message", wrong.what}}));
  } else {
    complain(fmt::format("stockfold: {}: line {}: {}",
                         importing.file == "-" ? "standard input" : importing.file, wrong.line, wrong.what));
  }
  return kUntrusted;
}

void tell_done(const Importing& importing, const ImportedLog& imported) {
  const Head& head = imported.head;
  const AuditFigures& figures = imported.figures;
  if (importing.json) {
    print_line(json::serialize(json::object{{"ok", true},
                                            {"ledger", to_uuid(head.ledger.bytes)},
                                            {"epoch", head.epoch.value()},
                                            {"position", head.position.value()},
                                            {"head", to_hex(head.hash)},
                                            {"commits", figures.commits},
                                            {"events", figures.events},
                                            {"products", figures.products},
                                            {"orders", figures.orders},
                                            {"command_ids", figures.command_ids},
                                            {"refusals", figures.refusals}}));
  } else {
    print_line(fmt::format("imported {} events in {} commits; head {}", figures.events, figures.commits,
                           to_hex(head.hash)));
  }
}

Result<std::unique_ptr<NewStore>> begin_store(const Importing& importing, LedgerRecord ledger) {
  if (!importing.same_life) {
    auto epoch = draw_epoch_after(ledger.epoch);
    if (!epoch) return std::unexpected(std::move(epoch.error()));
    ledger.epoch = *epoch;
  }
  StoreOptions options;
  options.views = view_names();
  options.recent_commits_bytes = 0;  // no view follows
  return storage_engine().make(importing.data, ledger, options);
}

/// `size`: the bytes of the lines; 0 if unknown, and then no progress is shown.
ExitCode import_lines(const Importing& importing, std::istream& lines, std::uintmax_t size) {
  const auto scratch = ScratchDirectory::make(importing.scratch);
  if (!scratch) return tell(scratch.error());
  ProgressLine reading("importing");
  std::optional<ProgressLine> building;  // its clock starts when it is made
  const ImportPlace place{
      .begin = [&](const LedgerRecord& ledger) { return begin_store(importing, ledger); },
      .scratch = scratch->path(),
      .lines_read =
          [&](GlobalPosition at, std::uint64_t bytes) {
            if (size == 0) return;
            // Only the last line has the number of events. This estimates it from the size of the lines so
            // far.
            const double events =
                static_cast<double>(at.value()) * static_cast<double>(size) / static_cast<double>(bytes);
            reading.show(at, std::max(at, GlobalPosition(static_cast<std::uint64_t>(events))));
          },
      .views_built =
          [&](GlobalPosition at, GlobalPosition head) {
            reading.end();
            if (!building) building.emplace("building the views");
            building->show(at, head);
          },
  };
  const auto imported = import_log(lines, place);
  reading.end();
  building.reset();
  if (!imported) return tell_error(importing, imported.error());
  tell_done(importing, *imported);
  return kDone;
}

ExitCode run(const Importing& importing) {
  if (importing.file == "-") return import_lines(importing, std::cin, 0);
  std::ifstream lines(importing.file, std::ios::binary);
  if (!lines) return tell(Fault{FaultKind::io, "cannot read " + importing.file, {}});
  std::error_code error;
  const auto size = std::filesystem::file_size(importing.file, error);
  return import_lines(importing, lines, error ? 0 : size);
}

}  // namespace

void add_import(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("import", "make a store from an exported log and check every rule again");
  auto importing = std::make_shared<Importing>();
  importing->scratch = std::filesystem::temp_directory_path();
  command->add_option("FILE", importing->file, "the exported file; - is standard input")
      ->type_name("")
      ->required();
  command->add_option("--data", importing->data, "directory of the new store: empty or missing")
      ->type_name("DIR")
      ->required();
  command
      ->add_option("--scratch", importing->scratch,
                   "directory for temporary files: at most 32 bytes for each order and command id")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_flag("--same-life", importing->same_life,
                    "continue the exported life; only if the exported store takes no more commands");
  command->add_flag("--json", importing->json, "one JSON object");
  command->callback([importing, &exit_code] { exit_code = run(*importing); });
}

}  // namespace stockfold
