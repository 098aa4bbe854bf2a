// The `stockfold` program.
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "tools/commands/commands.h"
#include "tools/commands/serve.h"
#include "tools/console/exit_code.h"
#include "tools/console/print.h"

namespace stockfold {
namespace {

constexpr const char* kExitCodes =
    "Exit codes:\n"
    "  0  done\n"
    "  1  could not: no connection, disk, time-out, overload\n"
    "  2  wrong usage; the message names the argument\n"
    "  3  refused by a rule (out of stock, already aborted)\n"
    "  4  version conflict\n"
    "  5  integrity violated: a store that cannot be trusted\n";

/// `stockfold help SUBCOMMAND …`
void add_help(CLI::App& app) {
  CLI::App* help = app.add_subcommand("help", "print the options of a subcommand");
  auto path = std::make_shared<std::vector<std::string>>();
  help->add_option("SUBCOMMAND", *path, "such as: order place")->type_name("");
  help->callback([&app, path] {
    const CLI::App* subject = &app;
    std::string name = "stockfold";
    for (const std::string& word : *path) {
      const auto named =
          subject->get_subcommands([&word](const CLI::App* sub) { return sub->get_name() == word; });
      if (named.empty()) throw CLI::ValidationError("SUBCOMMAND", "there is no \"" + word + '"');
      subject = named.front();
      name += ' ' + word;
    }
    // not subject->help(), which would print the help of the running subcommand, this one
    print(app.get_formatter()->make_help(subject, name, CLI::AppFormatMode::Normal));
  });
}

/// If a required argument is missing, the text also lists unknown words, such as a misspelled option.
std::string complaint(const CLI::App* app, const CLI::Error& error) {
  std::string text = std::string("stockfold: ") + error.what();
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError)) {
    for (const std::string& word : app->remaining(/*recurse=*/true))
      text += "; \"" + word + "\" is not known";
  }
  return text + "; see stockfold help\n";
}

int run(int argc, const char* const* argv) {
  int exit_code = kDone;
  CLI::App app("An event-sourced order ledger: stock that cannot be sold twice", "stockfold");
  app.set_version_flag("--version", "stockfold " STOCKFOLD_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->column_width(36);
  app.failure_message(complaint);

  add_serve(app, exit_code);
  add_config(app, exit_code);
  add_product(app, exit_code);
  add_order(app, exit_code);
  add_load(app, exit_code);
  add_events(app, exit_code);
  add_replay(app, exit_code);
  add_explain(app, exit_code);
  add_rebuild(app, exit_code);
  add_audit(app, exit_code);
  add_repair(app, exit_code);
  add_head(app, exit_code);
  add_export(app, exit_code);
  add_import(app, exit_code);
  add_token(app, exit_code);
  add_backup(app, exit_code);
  add_restore(app, exit_code);
  add_bench(app, exit_code);
  add_help(app);
  app.footer(kExitCodes);  // last, or every subcommand would have it

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  return exit_code;
}

}  // namespace
}  // namespace stockfold

int main(int argc, char** argv) {
  ::umask(077);  // new files are readable by their owner only
  try {
    const int exit_code = stockfold::run(argc, argv);
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return exit_code;
    stockfold::complain("stockfold: cannot write to stdout");
  } catch (const std::exception& error) {
    stockfold::complain(std::string("stockfold: ") + error.what());
  }
  return stockfold::kFailed;
}
