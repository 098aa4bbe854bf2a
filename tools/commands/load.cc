// stockfold load
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <expected>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <variant>

#include "protocol/text/json_fields.h"
#include "tools/batches/batch_sender.h"
#include "tools/batches/command_file.h"
#include "tools/commands/commands.h"
#include "tools/console/ask.h"
#include "tools/console/print.h"
#include "tools/console/progress.h"

namespace stockfold {
namespace {

namespace json = boost::json;

/// Faults of a file that are shown; further ones are counted.
constexpr std::uint64_t kMostShownFaults = 20;
/// Commands of a file of JSON lines may rest on those before them, so a batch is sent once the one before it
/// is answered.
constexpr std::size_t kOneBatch = 1;
constexpr std::size_t kBatchesAhead = 4;

struct Loading {
  CallOptions call;
  std::string file;    ///< "-": standard input.
  std::string format;  ///< "csv" or "jsonl"; empty: as the name of the file ends.
  std::string label;
  std::string actor;
  bool atomic = false;

  [[nodiscard]] bool is_csv() const { return format == "csv"; }
};

struct LoadedFigures {
  std::uint64_t done = 0;
  std::uint64_t replayed = 0;  ///< Of those done, the ones that an earlier load had done.
  std::uint64_t refused = 0;
  [[nodiscard]] std::uint64_t all() const { return done + refused; }
};

std::string name_of(const Loading& loading) { return loading.file == "-" ? "standard input" : loading.file; }

void tell_fault(const Loading& loading, const FileFault& fault) {
  if (loading.call.json) {
    json::object object{{"ok", false}, {"line", fault.line}, {"error", "invalid_argument"}};
    if (!fault.column.empty()) object["column"] = fault.column;
    object["message"] = fault.what;
    print_line(json::serialize(object));
  } else {
    complain(fmt::format("stockfold: {}: {}", name_of(loading), text_of(fault)));
  }
}

std::expected<std::unique_ptr<CommandFile>, FileFault> open(const Loading& loading, std::istream& in) {
  if (loading.is_csv()) return CommandFile::of_csv(in, loading.label);
  return CommandFile::of_json_lines(in, loading.label);
}

/// Reads the whole file once, so that nothing is sent of a file with a fault. Returns the number of commands.
std::expected<std::uint64_t, ExitCode> check(const Loading& loading, std::istream& in) {
  auto file = open(loading, in);
  if (!file) {
    tell_fault(loading, file.error());
    return std::unexpected(kUsage);
  }
  std::uint64_t commands = 0;
  std::uint64_t faults = 0;
  while (!(*file)->is_over()) {
    const auto next = (*file)->next();
    if (next && !*next) break;
    if (next) {
      ++commands;
    } else if (++faults <= kMostShownFaults) {
      tell_fault(loading, next.error());
    }
  }
  if (faults > kMostShownFaults && !loading.call.json) {
    complain(fmt::format("stockfold: and {} lines more", faults - kMostShownFaults));
  }
  if (faults == 0) return commands;
  if (!loading.call.json) complain("stockfold: nothing was sent");
  return std::unexpected(kUsage);
}

void tell_refused(const Loading& loading, const FiledCommand& command, const Answer& answer) {
  if (loading.call.json) {
    print_line(json::serialize(json::object{{"ok", false},
                                            {"line", command.line},
                                            {"error", error_name_of(answer)},
                                            {"message", message_of(answer)},
                                            {"replayed", answer.replayed}}));
  } else {
    print_line(fmt::format("line {}: refused: {}", command.line, message_of(answer)));
  }
}

ExitCode tell_done(const Loading& loading, const LoadedFigures& figures) {
  if (loading.call.json) {
    print_line(json::serialize(json::object{{"ok", figures.refused == 0},
                                            {"commands", figures.all()},
                                            {"done", figures.done - figures.replayed},
                                            {"replayed", figures.replayed},
                                            {"refused", figures.refused}}));
  } else {
    print_line(fmt::format("{} commands: {} done now, {} done by an earlier load, {} refused", figures.all(),
                           figures.done - figures.replayed, figures.replayed, figures.refused));
  }
  return figures.refused == 0 ? kDone : kRefused;
}

ClientResult<void> send_all(CommandFile& file, const Loading& loading, BatchSender& sender) {
  for (;;) {
    auto next = file.next();
    if (!next) {
      return std::unexpected(ClientError{ClientErrorKind::rejected,
                                         name_of(loading) + " has changed: " + text_of(next.error()),
                                         ErrorCode::invalid_argument});
    }
    if (!*next) return sender.finish();
    if ((*next)->command.actor.empty()) (*next)->command.actor = loading.actor;
    if (auto added = sender.add(std::move(**next)); !added) return added;
  }
}

ExitCode load(const Loading& loading, std::istream& in) {
  const auto commands = check(loading, in);
  if (!commands) return commands.error();
  in.clear();
  in.seekg(0);
  return with_client(loading.call, [&](Client& client) {
    ProgressLine progress("loading", "commands");
    LoadedFigures figures;
    const auto outcome = [&](const FiledCommand& command, const Answer& answer) {
      const bool accepted = std::holds_alternative<Accepted>(answer.outcome);
      ++(accepted ? figures.done : figures.refused);
      if (accepted && answer.replayed) ++figures.replayed;
      progress.show(GlobalPosition(figures.all()), GlobalPosition(*commands));
      if (accepted) return;
      progress.end();
      tell_refused(loading, command, answer);
    };
    BatchSender sender(client, {loading.atomic, loading.is_csv() ? kBatchesAhead : kOneBatch}, outcome);
    auto file = open(loading, in).value();
    const auto sent = send_all(*file, loading, sender);
    progress.end();
    if (sent) return tell_done(loading, figures);
    const ExitCode code = tell(loading.call, sent.error());
    if (code == kFailed) {
      complain(fmt::format("stockfold: {} of {} commands have their outcome; load the file again to go on",
                           figures.all(), *commands));
    }
    return code;
  });
}

ExitCode run(Loading& loading) {
  if (loading.format.empty() && loading.file.ends_with(".csv")) loading.format = "csv";
  if (loading.format.empty() && loading.file.ends_with(".jsonl")) loading.format = "jsonl";
  if (loading.format.empty()) {
    throw CLI::ValidationError("FILE", "expected a name that ends in .csv or .jsonl, or --format");
  }
  if (loading.file == "-") {
    std::stringstream all;
    all << std::cin.rdbuf();
    return load(loading, all);
  }
  std::ifstream file(loading.file, std::ios::binary);
  if (file) return load(loading, file);
  complain("stockfold: cannot read " + loading.file);
  return kFailed;
}

}  // namespace

void add_load(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("load", "send the commands of a file: a catalogue, or JSON lines");
  auto loading = std::make_shared<Loading>();
  command
      ->add_option(
          "FILE", loading->file,
          "a catalogue with the columns sku, name and stock (.csv), or commands as in POST /batch/, one "
          "a line (.jsonl); - is standard input")
      ->type_name("")
      ->required();
  command->add_option("--format", loading->format, "csv or jsonl, whatever the name of the file is")
      ->check(CLI::IsMember({"csv", "jsonl"}))
      ->type_name("FORMAT");
  command->add_flag("--atomic", loading->atomic, "do all commands or none: at most 1,000");
  command->add_option(
      "--label", loading->label,
      "makes commands of their own of lines that an earlier file had as well, such as a date");
  command->add_option("--actor", loading->actor, "who sends the commands");
  add_call_options(*command, loading->call);
  command->callback([loading, &exit_code] { exit_code = run(*loading); });
}

}  // namespace stockfold
