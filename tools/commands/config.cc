// `stockfold config`: the settings that a ledger would start with.
#include <memory>
#include <string>

#include "tools/commands/commands.h"
#include "tools/console/exit_code.h"
#include "tools/console/print.h"
#include "tools/settings/serve_options.h"
#include "tools/settings/settings_text.h"

namespace stockfold {
namespace {

struct ConfigOptions {
  ServeOptions serve;
  bool json = false;
};

ExitCode check_settings(CLI::App& command, ConfigOptions& options) {
  const auto settings = resolve_serve_options(command, options.serve);
  if (!settings) return tell(settings.error());
  return print_line("ok") ? kDone : kFailed;
}

ExitCode print_settings(CLI::App& command, ConfigOptions& options) {
  const auto settings = resolve_serve_options(command, options.serve);
  if (!settings) return tell(settings.error());
  const auto& file = options.serve.config;
  const bool printed =
      options.json ? print_line(config_json(*settings, file)) : print_data(config_text(*settings, file));
  return printed ? kDone : kFailed;
}

ExitCode print_reference() {
  ServeOptions options;
  CLI::App app;
  add_serve_options(app, options);
  return print_data(reference_text(settings_of(app))) ? kDone : kFailed;
}

/// Adds a subcommand with the options of `serve`.
template <class Run>
CLI::App* add_like_serve(CLI::App& config, const std::string& name, const std::string& description,
                         const std::shared_ptr<ConfigOptions>& options, Run run, int& exit_code) {
  CLI::App* command = config.add_subcommand(name, description);
  add_serve_options(*command, options->serve);
  command->callback([command, options, run, &exit_code] { exit_code = run(*command, *options); });
  return command;
}

}  // namespace

void add_config(CLI::App& app, int& exit_code) {
  CLI::App* config = app.add_subcommand("config", "the settings that serve would use");
  config->require_subcommand(1);
  add_like_serve(*config, "check", "read the settings as serve would; print ok or every error",
                 std::make_shared<ConfigOptions>(), check_settings, exit_code);
  const auto printed = std::make_shared<ConfigOptions>();
  add_like_serve(*config, "print", "print the settings in force as a file, with the source of each", printed,
                 print_settings, exit_code)
      ->add_flag("--json", printed->json, "one JSON object")
      ->configurable(false);
  config->add_subcommand("reference", "print all settings as a Markdown table")->callback([&exit_code] {
    exit_code = print_reference();
  });
}

}  // namespace stockfold
