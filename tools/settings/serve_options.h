// The options of `stockfold serve`, which `stockfold config` checks and prints.
#pragma once

#include <CLI/CLI.hpp>
#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "server/logging/logs.h"
#include "server/server.h"
#include "tools/console/exit_code.h"
#include "tools/settings/settings.h"

namespace stockfold {

struct ServeOptions {
  TlsServerOptions tls;          ///< Spoken where there is a certificate.
  std::filesystem::path config;  ///< The file of settings; empty: none.
  LogOptions logs;
  ServerOptions server;
};

/// Adds --config and all settings to an app. No other code lists, parses or checks the settings.
void add_serve_options(CLI::App& app, ServeOptions& options);

/// Once the command line of that app was parsed: reads the environment and the file, and checks what must
/// agree between settings. Returns all settings as they are in force, or every error, a line each. Reads the
/// file, certificates, keys and tokens, and opens nothing else.
[[nodiscard]] std::expected<std::vector<Setting>, std::vector<std::string>> resolve_serve_options(
    CLI::App& app, ServeOptions& options);

/// Prints the errors of settings to stderr, one a line.
ExitCode tell(const std::vector<std::string>& wrong_settings);

}  // namespace stockfold
